package import CollabModel
package import Delta
package import DocumentCore
package import RuntimePorts
internal import Synchronization

extension InMemoryStore {
    /// How long a takeover waits for a row before it ends its holder.
    private static let lockTimeout: Duration = .milliseconds(200)

    package func ownership(of document: DocumentID) async throws(StoreUnavailable) -> Ownership? {
        try await perform(.ownership(document)) { $0.rows[document].map(Self.ownership) }
    }

    package func takeOver(_ document: DocumentID, believed: Epoch, as owner: NodeIdentity, at address: PeerAddress)
        async throws(StoreUnavailable) -> TakeoverOutcome
    {
        let failsAfterwards = try await admit(.takeOver(document, by: owner))
        while true {
            let outcome: TakeoverOutcome? = state.withLock { state in
                guard let row = state.rows[document] else { return .noSuchDocument }
                guard row.epoch == believed else { return .superseded(Self.ownership(row)) }
                #if MUTANTS
                    let waits = !Mutant.takeoverDoesNotWait.isActive
                #else
                    let waits = true
                #endif
                guard row.holder == nil || !waits else { return nil }
                state.rows[document]?.epoch = believed.next
                state.rows[document]?.owner = owner
                state.rows[document]?.address = address
                return .taken(believed.next, head: row.head)
            }
            if let outcome {
                if failsAfterwards { throw StoreUnavailable("injected: connection lost") }
                return outcome
            }
            await awaitRowOrEndHolder(document)
        }
    }

    package func operations(of document: DocumentID, after: Version, through: Version, limit: Int)
        async throws -> [CommittedOperation]
    {
        let expected = min(limit, after.distance(to: through))
        guard expected > 0 else { return [] }
        let stored = try await perform(.operations(document)) { $0.rows[document]?.operations ?? [] }
        return try (0..<expected).map { offset in
            let version = after.advanced(by: offset + 1)
            let index = Int(version.value) - 1
            guard stored.indices.contains(index), let operation = stored[index] else {
                throw DamagedLog(document: document, message: "version \(version) is missing")
            }
            return operation
        }
    }

    package func find(_ operation: OperationID, of client: ClientID, in document: DocumentID)
        async throws(StoreUnavailable) -> (version: Version, digest: Digest)?
    {
        try await perform(.find(document)) { state in
            guard let row = state.rows[document],
                let version = row.versions[OperationKey(client: client, operation: operation)],
                let stored = row.operations[Int(version.value) - 1]
            else { return nil }
            return (version, stored.digest)
        }
    }

    package func lastOperation(of client: ClientID, in document: DocumentID, through: Version)
        async throws(StoreUnavailable) -> OperationID?
    {
        try await perform(.lastOperation(document)) { state in
            state.rows[document]?.operations.last { operation in
                operation.map { $0.clientID == client && $0.version <= through } ?? false
            }??.operationID
        }
    }

    /// Waits for the row; with a clock at most the lock timeout, after which its holder is ended.
    private func awaitRowOrEndHolder(_ document: DocumentID) async {
        guard let clock else { return await awaitRow(document) }
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await clock.sleep(for: Self.lockTimeout)
                } catch {
                    return
                }
                self.endHolder(of: document)
            }
            await awaitRow(document)
            group.cancelAll()
        }
    }

    private func endHolder(of document: DocumentID) {
        resume(
            state.withLock { state in
                guard let holder = state.rows[document]?.holder else { return [] }
                state.running.remove(holder)
                return state.rows.filter { $0.value.holder == holder }.keys.sorted().flatMap {
                    Self.unlock(&state, $0)
                }
            })
    }

    private static func ownership(_ row: Row) -> Ownership {
        Ownership(epoch: row.epoch, owner: row.owner, address: row.address, head: row.head)
    }
}
