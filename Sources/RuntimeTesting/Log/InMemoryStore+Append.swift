internal import CollabModel
internal import DocumentCore
package import RuntimePorts
internal import Synchronization

extension InMemoryStore {
    /// The rows of one document and epoch in a batch.
    private struct Part: Hashable {
        var document: DocumentID
        var epoch: Epoch
    }

    package func append(_ batch: [DocumentAppend], lane: Int) async throws(AppendError) -> [AppendOutcome] {
        let call = LogCall.append(batch.map(\.document), lane: lane % lanes)
        let fault = await faults.fault(for: call)
        guard !state.withLock({ $0.isDown }) else { throw .unavailable("the store is down") }
        var isLostAfterwards = false
        switch fault {
        case nil: break
        case .unavailable: throw .unavailable("injected: no connection")
        case .connectionLost(tookEffect: false): throw .outcomeUnknown("injected: connection lost")
        case .failed(let isTransient): throw .failed("injected: refused by the server", isTransient: isTransient)
        case .connectionLost(tookEffect: true): isLostAfterwards = true
        }
        #if MUTANTS
            if Mutant.noHeadCheck.isActive { return try await runWithoutHeadCheck(batch, call) }
            if Mutant.epochNotJoined.isActive { return try await runWithoutEpochJoin(batch, call) }
        #endif
        let outcomes = try await run(batch, call)
        if isLostAfterwards { throw .outcomeUnknown("injected: connection lost") }
        return outcomes
    }

    func run(_ batch: [DocumentAppend], _ call: LogCall) async throws(AppendError) -> [AppendOutcome] {
        var groups: [Part: [CommittedOperation]] = [:]
        for part in batch {
            groups[Part(document: part.document, epoch: part.epoch), default: []] += part.operations
        }
        let transaction = state.withLock { state in
            state.lastTransaction += 1
            state.running.insert(state.lastTransaction)
            return state.lastTransaction
        }
        var locked: [Part] = []
        // In the order of ids, so that two appends cannot wait for each other.
        for part in groups.keys.sorted(by: { ($0.document, $0.epoch) < ($1.document, $1.epoch) }) {
            if await lock(part, groups[part] ?? [], transaction) { locked.append(part) }
        }
        if let duplicate = firstDuplicate(locked, groups) {
            finish(transaction, locked)
            throw .failed("operation \(duplicate) is in the log already (operations_once)", isTransient: false)
        }
        await faults.whileHoldingRows(call)
        let (isCommitted, waiters): (Bool, [Waiter]) = state.withLock { state in
            guard state.running.remove(transaction) != nil else { return (false, []) }
            for part in locked { commit(groups[part] ?? [], to: part, &state) }
            return (true, locked.flatMap { Self.unlock(&state, $0.document) })
        }
        resume(waiters)
        guard isCommitted else { throw .outcomeUnknown("the connection was terminated") }
        let appended = Set(locked)
        return batch.map {
            appended.contains(Part(document: $0.document, epoch: $0.epoch)) ? .appended : .refused
        }
    }

    /// Takes the row if the operations fit it; waits for whoever holds it, and then looks again.
    private func lock(_ part: Part, _ operations: [CommittedOperation], _ transaction: TransactionID) async -> Bool {
        while true {
            let isDecided: Bool? = state.withLock { state in
                guard let row = state.rows[part.document], row.epoch == part.epoch,
                    Self.fits(operations, after: row.head), state.running.contains(transaction)
                else { return false }
                guard row.holder == nil else { return nil }
                state.rows[part.document]?.holder = transaction
                return true
            }
            if let isDecided { return isDecided }
            await awaitRow(part.document)
        }
    }

    /// Whether these are exactly the next versions, in any order.
    private static func fits(_ operations: [CommittedOperation], after head: Version) -> Bool {
        let versions = operations.map(\.version)
        guard let first = versions.min(), let last = versions.max() else { return false }
        return first == head.next && first.distance(to: last) == versions.count - 1
            && Set(versions).count == versions.count
    }

    private func firstDuplicate(_ parts: [Part], _ groups: [Part: [CommittedOperation]]) -> OperationID? {
        #if MUTANTS
            if Mutant.operationsNotUnique.isActive { return nil }
        #endif
        return state.withLock { state in
            for part in parts {
                var seen: Set<OperationKey> = []
                for operation in groups[part] ?? [] {
                    let key = OperationKey(client: operation.clientID, operation: operation.operationID)
                    let isOld = state.rows[part.document]?.versions[key] != nil
                    if isOld || !seen.insert(key).inserted { return operation.operationID }
                }
            }
            return nil
        }
    }

    private func finish(_ transaction: TransactionID, _ locked: [Part]) {
        resume(
            state.withLock { state in
                guard state.running.remove(transaction) != nil else { return [] }
                return locked.flatMap { Self.unlock(&state, $0.document) }
            })
    }

    private func commit(_ operations: [CommittedOperation], to part: Part, _ state: inout State) {
        let now = nowMilliseconds(&state)
        for operation in operations.sorted(by: { $0.version < $1.version }) {
            var stored = operation
            stored.epoch = part.epoch
            let key = OperationKey(client: operation.clientID, operation: operation.operationID)
            state.rows[part.document]?.operations.append(stored)
            state.rows[part.document]?.versions[key] = operation.version
            state.rows[part.document]?.record.version = operation.version
        }
        state.rows[part.document]?.record.updatedAtMilliseconds = now
    }
}
