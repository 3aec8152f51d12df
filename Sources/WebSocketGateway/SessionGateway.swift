import CollabModel
import DocumentCore
package import HummingbirdCore
package import Logging
import NIOCore
package import RuntimePorts
import SessionProtocol
import Synchronization

/// The WebSocket side of a node: upgrades connections below `/doc/` on the HTTP server's port and runs their sessions,
/// and connections to `/api/console`, which it connects to a feed.
///
/// ```swift
/// let gateway = SessionGateway(configuration, host: runtime, authenticator: …, authorizer: …, metrics: …, logger: …)
/// let edge = EdgeServer(…, server: gateway.serverBuilder, sessionsOver: gateway.sessionsOver)
/// ```
package final class SessionGateway: Sendable {
    let configuration: GatewayConfiguration
    let times: Times
    let rates: Rates
    let host: any SessionHost
    let consoles: (any ConsoleHost)?
    let admissions: Admissions
    let origins: OriginPolicy
    let quota: SessionQuota
    let metrics: any GatewayMetrics
    let tracer: any OperationTracer
    let logger: Logger
    private let loops = Mutex<[ObjectIdentifier: GatewayLoop]>([:])

    /// The configured times in the form that event loops take.
    struct Times: Sendable {
        var pingAfter, pongWithin, closeWithin, admitWithin, requestWithin: TimeAmount
        /// How exact the others are.
        var tick: TimeAmount
    }

    struct Rates: Sendable {
        var operations: TokenBucket.Rate
        var messages: TokenBucket.Rate
        /// One every ten seconds is a bug of the client, more is abuse.
        var violations: TokenBucket.Rate
        var resyncs = TokenBucket.Rate(perSecond: 1, burst: 5)
    }

    /// - Parameters:
    ///   - host: opens sessions on documents.
    ///   - consoles: feeds operators' consoles; `nil`: there are none.
    ///   - origins: the pages that may open sessions.
    ///   - logger: takes refusals at `debug`.
    package init(
        _ configuration: GatewayConfiguration, host: any SessionHost, consoles: (any ConsoleHost)? = nil,
        authenticator: any Authenticator, authorizer: any Authorizer, origins: OriginPolicy,
        metrics: any GatewayMetrics, tracer: any OperationTracer = NoOperationTracer(), logger: Logger
    ) {
        self.tracer = tracer
        self.configuration = configuration
        self.origins = origins
        self.host = host
        self.consoles = consoles
        self.metrics = metrics
        self.logger = logger
        admissions = Admissions(
            authenticator: authenticator, authorizer: authorizer, mint: ClientIDMint(key: configuration.clientIDKey))
        quota = SessionQuota(perNode: configuration.sessionsPerNode, perDocument: configuration.sessionsPerDocument)
        let times = [
            configuration.pingAfter, configuration.pongWithin, configuration.closeWithin, configuration.admitWithin,
        ]
        let shortest = times.min() ?? .seconds(4)
        self.times = Times(
            pingAfter: TimeAmount(configuration.pingAfter), pongWithin: TimeAmount(configuration.pongWithin),
            closeWithin: TimeAmount(configuration.closeWithin), admitWithin: TimeAmount(configuration.admitWithin),
            requestWithin: TimeAmount(configuration.requestWithin),
            tick: TimeAmount(max(.milliseconds(5), min(.seconds(1), shortest / 4))))
        rates = Rates(
            operations: TokenBucket.Rate(
                perSecond: Double(configuration.limits.operationsPerSecond), burst: Double(configuration.operationBurst)
            ),
            messages: TokenBucket.Rate(
                perSecond: Double(configuration.messagesPerSecond), burst: Double(configuration.messageBurst)),
            violations: TokenBucket.Rate(perSecond: 0.1, burst: Double(configuration.toleratedViolations)))
    }

    /// Builds the server's child channels: HTTP, with upgrades to sessions.
    package var serverBuilder: HTTPServerBuilder {
        HTTPServerBuilder { responder in EdgeChannel(responder: responder, gateway: self) }
    }

    /// How many sessions there are now, those that are being admitted or closed included.
    package var sessions: Int { quota.total }

    /// Returns when there is no session. After a shutdown was begun that takes ``GatewayConfiguration/closeWithin`` at
    /// most.
    package func sessionsOver() async { await quota.whenEmpty() }

    /// The bytes that wait for the sockets of all sessions.
    package func outboundBytes() async -> Int {
        var bytes = 0
        for loop in loops.withLock({ Array($0.values) }) { bytes += await loop.outboundBytes() }
        return bytes
    }

    func loop(_ eventLoop: any EventLoop) -> GatewayLoop {
        loops.withLock { loops in
            let id = ObjectIdentifier(eventLoop)
            if let loop = loops[id] { return loop }
            let loop = GatewayLoop(eventLoop: eventLoop, tick: times.tick) {
                [metrics, tracer] batch, document, sessions in
                metrics.broadcast(committedAtMicroseconds: batch.committedAtMicroseconds)
                if !batch.traces.isEmpty, tracer.isOn { tracer.broadcast(batch, of: document, to: sessions) }
            }
            loops[id] = loop
            return loop
        }
    }
}
