package import CollabModel
package import Logging
internal import PostgresClient
package import RuntimePorts

/// The operation log, the snapshots and the catalog of documents in one PostgreSQL database.
///
/// Connections are made when they are needed and made again when they are lost; nothing has to be done about either.
/// Before anything else the schema must be there: ``prepare()``. At the end: ``shutdown()``.
package final class PostgresStore: OperationLog, SnapshotStore, DocumentCatalog {
    package let lanes: Int
    let configuration: PostgresConfiguration
    let identity: NodeIdentity
    let logger: Logger
    /// One connection per lane, on a thread that does nothing else.
    let appenders: [PostgresConnection]
    let readers: PostgresPool
    /// What operators ask, one statement at a time: however slow it is, it takes no reader. Connects with the first.
    let operatorReader: PostgresPool
    /// What the change feed asks besides the operations, one statement at a time. Connects with the first.
    let feedConnection: PostgresPool
    let touches: TouchSchedule
    private let readExecutor: PollExecutor

    /// - Throws: ``StoreUnavailable`` when the system gives no thread.
    package init(_ configuration: PostgresConfiguration, identity: NodeIdentity, logger: Logger)
        throws(StoreUnavailable)
    {
        self.configuration = configuration
        self.identity = identity
        self.logger = logger
        lanes = max(1, configuration.lanes)
        touches = TouchSchedule(interval: configuration.touchInterval)
        let appendExecutor: PollExecutor
        do {
            appendExecutor = try PollExecutor()
            readExecutor = try PollExecutor()
        } catch {
            throw StoreUnavailable(error.description)
        }
        let base = Self.options(configuration, identity, logger)
        appenders = (0..<lanes).map { index in
            var options = base
            options.backoffSeed &+= UInt64(index)
            // Appends are few rows of one table each time; a plan made while it was empty must not scan it later.
            options.settings = [("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off")]
            return PostgresConnection(options, on: appendExecutor)
        }
        let executor = readExecutor
        let connections = (0..<max(1, configuration.readers)).map { index in
            var options = base
            options.backoffSeed &+= UInt64(1_000 + index)
            options.lockTimeout = .milliseconds(200)
            options.maximumInFlight = 1
            return PostgresConnection(options, on: executor)
        }
        readers = PostgresPool(connections, maximumWaiting: configuration.maximumWaitingReads)
        var options = base
        options.backoffSeed &+= 3_000
        // A position that PostgreSQL loses by a crash has operations published again, and costs no edit a flush.
        options.settings = [("synchronous_commit", "off")]
        options.maximumInFlight = 1
        feedConnection = PostgresPool(
            [PostgresConnection(options, on: executor)], maximumWaiting: configuration.maximumWaitingFeedStatements)
        options = base
        options.backoffSeed &+= 2_000
        options.statementTimeout = configuration.operatorStatementTimeout
        options.lockTimeout = configuration.operatorStatementTimeout
        options.maximumInFlight = 1
        operatorReader = PostgresPool(
            [PostgresConnection(options, on: executor)], maximumWaiting: configuration.maximumWaitingOperatorReads)
    }

    /// Connects and brings the schema up to date. May be called again after it failed.
    package func prepare() async throws(PreparationError) {
        var options = Self.options(configuration, identity, logger)
        options.statementTimeout = .seconds(300)
        options.lockTimeout = .seconds(60)
        let connection = PostgresConnection(options, on: readExecutor)
        let result: Result<Void, PreparationError>
        do throws(PreparationError) {
            try await Migrator(connection: connection, logger: logger).run()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await connection.close()
        try result.get()
        for appender in appenders { await appender.start() }
        await readers.start()
    }

    /// Prepares as soon as PostgreSQL is there: tries again every half second while it is not.
    ///
    /// - Throws: ``PreparationError/incompatible(_:)``, which no waiting mends; `CancellationError`.
    package func prepareWhenAvailable(clock: some RuntimeClock) async throws {
        while true {
            do throws(PreparationError) {
                return try await prepare()
            } catch .unavailable(let reason) {
                logger.warning(
                    "PostgreSQL is not available yet", metadata: ["event": "postgres_awaited", "reason": "\(reason)"])
            }
            try await clock.sleep(for: .milliseconds(500))
        }
    }

    /// Asks the server for an answer, for readiness.
    package func probe() async throws(StoreUnavailable) {
        _ = try await read(Statement("probe", "SELECT 1"), Parameters())
    }

    /// Closes every connection. An append that is still under way is answered by an unknown outcome.
    package func shutdown() async {
        for appender in appenders { await appender.close() }
        await readers.close()
        await operatorReader.close()
        await feedConnection.close()
    }

    /// What the connections are doing now on which editing depends; those of the operators and of the change feed are not
    /// among them.
    package var links: DependencyLinks {
        DependencyLinks(
            (appenders.map(\.status) + readers.statuses).map { status -> DependencyLinks.Phase in
                switch status {
                case .open: .open
                case .connecting: .connecting
                case .waiting: .waiting
                }
            })
    }

    /// Runs a statement on a reader.
    func read(_ statement: Statement, _ parameters: Parameters) async throws(StoreUnavailable) -> ResultSet {
        try await run(statement, parameters, on: readers)
    }

    func run(
        _ statement: Statement, _ parameters: Parameters, on pool: PostgresPool
    ) async throws(StoreUnavailable) -> ResultSet {
        do {
            return try await pool.execute(statement, parameters)
        } catch {
            throw StoreUnavailable(error.description)
        }
    }

    /// Reads from a result; one that has another form than it should counts as unavailable.
    func understood<Value>(_ read: () throws(PostgresError) -> Value) throws(StoreUnavailable) -> Value {
        do {
            return try read()
        } catch {
            throw StoreUnavailable(error.description)
        }
    }

    /// The node of two columns; `nil` where there is none.
    static func identity(
        _ rows: ResultSet, _ row: Int, node: Int, incarnation: Int
    ) throws(PostgresError) -> NodeIdentity? {
        guard let id = rows.optionalText(row, node).flatMap({ NodeID($0) }),
            let number = try rows.optionalInt8(row, incarnation)
        else { return nil }
        return NodeIdentity(node: id, incarnation: Incarnation(number))
    }

    private static func options(_ configuration: PostgresConfiguration, _ identity: NodeIdentity, _ logger: Logger)
        -> ConnectionOptions
    {
        var options = ConnectionOptions(
            url: configuration.url, applicationName: PostgresConfiguration.applicationName(of: identity))
        options.connectTimeout = configuration.connectTimeout
        options.statementTimeout = configuration.statementTimeout
        options.backoffSeed = UInt64(bitPattern: identity.incarnation.value)
        options.onEvent = { event in
            switch event {
            case .connected: logger.debug("connected to PostgreSQL", metadata: ["event": "postgres_connected"])
            case .failedToConnect(let reason):
                logger.debug(
                    "no connection to PostgreSQL",
                    metadata: ["event": "postgres_connect_failed", "reason": "\(reason)"])
            case .lost(let reason, let outstanding):
                logger.warning(
                    "connection to PostgreSQL lost",
                    metadata: [
                        "event": "postgres_connection_lost", "reason": "\(reason)", "outstanding": "\(outstanding)",
                    ])
            }
        }
        return options
    }
}

/// Why the database could not be made ready.
package enum PreparationError: Error, Sendable, CustomStringConvertible {
    /// May be tried again.
    case unavailable(String)
    /// The database is newer than the program, or refuses the schema: a person must act.
    case incompatible(String)

    package var description: String {
        switch self {
        case .unavailable(let reason): reason
        case .incompatible(let reason): reason
        }
    }
}
