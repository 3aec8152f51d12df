#if MUTANTS
    internal import CollabModel
    internal import DocumentCore
    internal import RuntimePorts
    internal import Synchronization

    // Two wrong statements, to see whether they are found (``Mutant``).
    extension InMemoryStore {
        /// `INSERT … WHERE EXISTS (SELECT … WHERE epoch = …)`: looks at the epoch and takes no row.
        func runWithoutHeadCheck(_ batch: [DocumentAppend], _ call: LogCall) async throws(AppendError)
            -> [AppendOutcome]
        {
            let fit = state.withLock { state in batch.map { state.rows[$0.document]?.epoch == $0.epoch } }
            await faults.whileHoldingRows(call)
            let inserted = state.withLock { state in
                !state.isDown && insert(zip(batch, fit).filter(\.1).map(\.0), &state)
            }
            guard inserted else { throw .failed("duplicate version or operation", isTransient: false) }
            return fit.map { $0 ? .appended : .refused }
        }

        /// `… FROM i JOIN h ON h.document_id = i.d`: what fits brings along the rows of other epochs in the batch.
        func runWithoutEpochJoin(_ batch: [DocumentAppend], _ call: LogCall) async throws(AppendError)
            -> [AppendOutcome]
        {
            var outcomes = try await run(batch, call)
            let moved = Set(zip(batch, outcomes).filter { $0.1 == .appended }.map(\.0.document))
            for (index, part) in batch.enumerated() where outcomes[index] == .refused && moved.contains(part.document) {
                if state.withLock({ insert([part], &$0) }) { outcomes[index] = .appended }
            }
            return outcomes
        }

        /// Inserts at the rows' versions, whatever the head; `false` where a version is taken.
        private func insert(_ parts: [DocumentAppend], _ state: inout State) -> Bool {
            for part in parts {
                for operation in part.operations {
                    let index = Int(operation.version.value) - 1
                    guard var row = state.rows[part.document] else { return false }
                    if row.operations.indices.contains(index), row.operations[index] != nil { return false }
                    while row.operations.count <= index { row.operations.append(nil) }
                    var stored = operation
                    stored.epoch = part.epoch
                    row.operations[index] = stored
                    row.versions[OperationKey(client: operation.clientID, operation: operation.operationID)] =
                        operation.version
                    state.rows[part.document] = row
                }
            }
            return true
        }
    }
#endif
