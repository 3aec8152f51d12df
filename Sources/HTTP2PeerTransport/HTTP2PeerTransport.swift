package import CollabModel
package import Logging
package import NIOCore
package import PeerProtocol
package import RuntimePorts

/// Streams and requests to other nodes over HTTP/2, and the listener that serves theirs.
///
/// Calls can be made from ``init(configuration:group:logger:)`` on; peers are served from ``start()`` on, once a service
/// is set. End with ``shutdown()``.
package final class HTTP2PeerTransport: PeerTransport {
    package typealias Configuration = HTTP2PeerTransportConfiguration

    package let configuration: Configuration
    /// Counts for metrics.
    package let statistics = PeerTransportStatistics()
    private let listener: PeerListener
    private let pool: PeerConnectionPool

    /// Reads the certificates, if any. Opens nothing.
    package init(
        configuration: Configuration, group: any EventLoopGroup, logger: Logger
    ) throws(PeerTransportError) {
        try configuration.validate()
        self.configuration = configuration
        let tls: PeerTLSContexts? = if let tls = configuration.tls { try PeerTLSContexts(tls) } else { nil }
        let headers = PeerHeaders(configuration)
        listener = PeerListener(
            group: group, configuration: configuration, headers: headers, tls: tls, statistics: statistics,
            logger: logger)
        pool = PeerConnectionPool(
            dialler: PeerDialler(
                group: group, configuration: configuration, headers: headers, tls: tls, statistics: statistics,
                logger: logger))
    }

    /// Sets who answers peers. Until then they are told that this node does not serve.
    package func setService(_ service: any PeerService) { listener.setService(service) }

    /// Listens. Returns the port, which the system chose if 0 was configured.
    ///
    /// Refuses an address that other hosts can reach unless mutual TLS is configured.
    package func start() async throws(PeerTransportError) -> Int { try await listener.start() }

    /// Says goodbye to every peer, sends what is queued, lets requests under way finish within
    /// ``HTTP2PeerTransportConfiguration/shutdownGrace``, and closes. Streams end with ``PeerFailure/closed``.
    package func shutdown() async {
        let connections = await listener.shutDown() + pool.shutDown()
        let grace = TimeAmount(configuration.shutdownGrace)
        await withTaskGroup { group in
            for connection in connections {
                group.addTask {
                    guard connection.enqueue(.shutDown(grace)) else { return }
                    await connection.closed()
                }
            }
        }
    }

    package func open(
        _ request: OpenRequest, to address: PeerAddress, timeout: Duration,
        handler: @escaping @Sendable (PeerStreamEvent<OwnerFrame>) -> Void
    ) async throws(PeerFailure) -> OpenResult {
        let frame = request.encodedFrame
        return try await call(address, timeout) { connection, deadline, continuation in
            let handle = StreamHandle(
                connection, configuration: self.configuration, statistics: self.statistics)
            let call = StreamCall(
                handle: handle, frame: frame, deadline: deadline, handler: handler, continuation: continuation)
            return (handle.id, .open(call))
        }
    }

    package func request(
        _ request: PeerRequest, to address: PeerAddress, timeout: Duration
    ) async throws(PeerFailure) -> PeerResponse {
        let frame = request.encodedFrame
        return try await call(address, timeout) { connection, deadline, continuation in
            let call = UnaryCall(
                id: connection.makeID(), frame: frame, deadline: deadline, continuation: continuation)
            return (call.id, .request(call))
        }
    }

    package func probe(_ address: PeerAddress, timeout: Duration) async throws(PeerFailure) {
        _ = try await request(.probe, to: address, timeout: timeout)
    }

    /// Makes a call on the connection to an address and waits for what it comes to.
    private func call<Success: Sendable>(
        _ address: PeerAddress, _ timeout: Duration,
        _ command:
            @Sendable (
                PeerConnection, NIODeadline, CheckedContinuation<Result<Success, PeerFailure>, Never>
            ) -> (UInt64, PeerCommand)
    ) async throws(PeerFailure) -> Success {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        guard !Task.isCancelled else { throw .closed }
        let connection = try await pool.connection(to: address, deadline: deadline)
        let cancellation = CallCancellation(connection)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (id, command) = command(connection, deadline, continuation)
                if connection.enqueue(command) {
                    cancellation.began(id)
                } else {
                    continuation.resume(returning: .failure(.closed))
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }
}
