internal import CollabModel
internal import Delta
internal import DocumentCore
internal import RuntimePorts
internal import RuntimeTesting

/// One node's way to PostgreSQL: a connection for each lane of appends and some for everything else.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulatedLogPort: OperationLog, SnapshotStore, @unchecked Sendable {
    let lanes: Int
    private let postgres: SimulatedPostgres
    private let appenders: [ServerLink]
    private let readers: [ServerLink]
    private var reads = 0
    private let process: SimulatedProcess
    private let scheduler: SimulatedScheduler

    /// As in the real store: the server's limit for a statement, and the silence after it.
    private static let statementTimeout: Int64 = 12_000_000

    init(network: SimulatedNetwork, host: SimulatedHost, process: SimulatedProcess, postgres: SimulatedPostgres) {
        self.postgres = postgres
        self.process = process
        scheduler = network.scheduler
        lanes = postgres.store.lanes
        func link() -> ServerLink {
            ServerLink(network: network, host: host, process: process, server: postgres.host, closesWhenLate: true)
        }
        appenders = (0..<lanes).map { _ in link() }
        readers = (0..<2).map { _ in link() }
    }

    /// The node's process has ended.
    func sever() { for link in appenders + readers { link.sever() } }

    // MARK: Appends

    func append(_ batch: [DocumentAppend], lane: Int) async throws(AppendError) -> [AppendOutcome] {
        let postgres = postgres
        scheduler.tell { names in
            "\(process.name) → postgres: "
                + batch.map { "append \(names.words($0))" }.joined(separator: ", ")
        }
        let outcome: CallOutcome<Result<[AppendOutcome], AppendError>> = await appenders[lane % lanes].call(
            within: Self.statementTimeout
        ) { connection, reply in
            let answer = Confined(reply)
            let end = Confined { connection.close(from: 1) }
            postgres.execute {
                do throws(AppendError) {
                    let outcomes = try await postgres.store.append(batch, lane: lane)
                    for (append, outcome) in zip(batch, outcomes) {
                        postgres.answered(append, outcome)
                    }
                    answer.value(.success(outcomes))
                } catch {
                    // A session that the server ends says nothing any more.
                    if case .outcomeUnknown = error { end.value() } else { answer.value(.failure(error)) }
                }
            }
        }
        switch outcome {
        case .replied(let result): return try result.get()
        case .notSent: throw .unavailable("no connection to PostgreSQL")
        case .lost: throw .outcomeUnknown("the connection to PostgreSQL was lost")
        }
    }

    // MARK: Everything else

    func takeOver(_ document: DocumentID, believed: Epoch, as owner: NodeIdentity, at address: PeerAddress)
        async throws(StoreUnavailable) -> TakeoverOutcome
    {
        let postgres = postgres
        scheduler.tell { names in
            "\(process.name) → postgres: take \(names.name(document)) over, believing in epoch \(believed)"
        }
        return try await read { store throws(StoreUnavailable) in
            let outcome = try await store.takeOver(document, believed: believed, as: owner, at: address)
            postgres.answered(outcome, about: document, to: owner)
            return outcome
        }
    }

    func ownership(of document: DocumentID) async throws(StoreUnavailable) -> Ownership? {
        try await read { store throws(StoreUnavailable) in try await store.ownership(of: document) }
    }

    func operations(of document: DocumentID, after: Version, through: Version, limit: Int)
        async throws -> [CommittedOperation]
    {
        let result: Result<[CommittedOperation], DamagedLog> = try await read { store throws(StoreUnavailable) in
            do {
                return .success(
                    try await store.operations(of: document, after: after, through: through, limit: limit))
            } catch let damage as DamagedLog {
                return .failure(damage)
            } catch {
                throw StoreUnavailable("\(error)")
            }
        }
        return try result.get()
    }

    func find(_ operation: OperationID, of client: ClientID, in document: DocumentID)
        async throws(StoreUnavailable) -> (version: Version, digest: Digest)?
    {
        try await read { store throws(StoreUnavailable) in
            try await store.find(operation, of: client, in: document)
        }
    }

    func lastOperation(of client: ClientID, in document: DocumentID, through: Version)
        async throws(StoreUnavailable) -> OperationID?
    {
        try await read { store throws(StoreUnavailable) in
            try await store.lastOperation(of: client, in: document, through: through)
        }
    }

    func latest(of document: DocumentID, atOrBelow version: Version) async throws(StoreUnavailable) -> Snapshot? {
        try await read { store throws(StoreUnavailable) in try await store.latest(of: document, atOrBelow: version) }
    }

    func write(_ snapshot: Snapshot, of document: DocumentID) async throws(StoreUnavailable) {
        try await read { store throws(StoreUnavailable) in try await store.write(snapshot, of: document) }
    }

    func setAside(_ document: DocumentID, version: Version, reason: String) async throws(StoreUnavailable) {
        try await read { store throws(StoreUnavailable) in
            try await store.setAside(document, version: version, reason: reason)
        }
    }

    /// Runs a statement on one of the readers; it may have been executed although it fails.
    private func read<Reply: Sendable>(
        _ statement: @escaping @Sendable (InMemoryStore) async throws(StoreUnavailable) -> Reply
    ) async throws(StoreUnavailable) -> Reply {
        reads += 1
        let postgres = postgres
        let outcome: CallOutcome<Result<Reply, StoreUnavailable>> = await readers[reads % readers.count].call(
            within: Self.statementTimeout
        ) { _, reply in
            let answer = Confined(reply)
            postgres.execute {
                do throws(StoreUnavailable) {
                    answer.value(.success(try await statement(postgres.store)))
                } catch {
                    answer.value(.failure(error))
                }
            }
        }
        switch outcome {
        case .replied(let result): return try result.get()
        case .notSent: throw StoreUnavailable("no connection to PostgreSQL")
        case .lost: throw StoreUnavailable("the connection to PostgreSQL was lost")
        }
    }
}
