internal import AMQPClient
internal import Logging
internal import RuntimePorts

/// Keeps at most one connection, on which everything is declared: made when it is first needed, and again when it is
/// needed after it was lost.
actor BrokerSession {
    private enum State {
        case idle
        case opening(Task<Result<AMQPConnection, AMQPError>, Never>)
        case open(AMQPConnection)
        case closed
    }

    private let url: AMQPURL
    private let queues: [String]
    private let limits: AMQPLimits
    private let phase: LinkPhase
    private let logger: Logger
    private var state = State.idle

    init(url: AMQPURL, queues: [String], limits: AMQPLimits, phase: LinkPhase, logger: Logger) {
        self.url = url
        self.queues = queues
        self.limits = limits
        self.phase = phase
        self.logger = logger
    }

    /// Makes a request over the connection; after one that failed, the next request connects again.
    func perform<Answer: Sendable>(
        _ request: @Sendable (AMQPConnection) async throws(AMQPError) -> Answer
    ) async throws(BrokerUnavailable) -> Answer {
        let connection: AMQPConnection
        switch await connected() {
        case .success(let open): connection = open
        case .failure(let error): throw BrokerUnavailable(error.message)
        }
        do throws(AMQPError) {
            return try await request(connection)
        } catch {
            await lose(connection, error)
            throw BrokerUnavailable(error.message)
        }
    }

    /// Closes the connection. Every later request fails.
    func close() async {
        let former = state
        state = .closed
        phase.set(.waiting)
        switch former {
        case .idle, .closed: break
        case .opening(let attempt): _ = await attempt.value
        case .open(let connection): await connection.close()
        }
    }

    private func connected() async -> Result<AMQPConnection, AMQPError> {
        switch state {
        case .closed: return .failure(Self.isClosed)
        case .open(let connection): return .success(connection)
        case .opening(let attempt): return await attempt.value
        case .idle:
            // Unstructured: requests that come meanwhile wait for this attempt too, and none of them ends it.
            let attempt = Task { await self.connect() }
            state = .opening(attempt)
            return await attempt.value
        }
    }

    private func connect() async -> Result<AMQPConnection, AMQPError> {
        phase.set(.connecting)
        do throws(AMQPError) {
            let connection = try await AMQPConnection.connect(to: url, limits: limits)
            do throws(AMQPError) {
                try await BrokerTopology.declare(queues, on: connection)
            } catch {
                await connection.close()
                throw error
            }
            guard case .opening = state else {
                await connection.close()
                throw Self.isClosed
            }
            state = .open(connection)
            phase.set(.open)
            logger.info("connected to RabbitMQ", metadata: ["event": "rabbitmq_connected", "rabbitmq": "\(url)"])
            return .success(connection)
        } catch {
            if case .opening = state { state = .idle }
            phase.set(.waiting)
            return .failure(error)
        }
    }

    private func lose(_ connection: AMQPConnection, _ reason: AMQPError) async {
        guard case .open(let current) = state, current === connection else { return }
        state = .idle
        phase.set(.waiting)
        logger.warning(
            "connection to RabbitMQ lost",
            metadata: ["event": "rabbitmq_connection_lost", "rabbitmq": "\(url)", "reason": "\(reason.message)"])
        await connection.close()
    }

    private static let isClosed = AMQPError(.notConnected, "the connection to RabbitMQ was closed by this node")
}
