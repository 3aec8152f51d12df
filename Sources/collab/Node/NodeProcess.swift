import ClusterCore
import ClusterRuntime
import CollabModel
import DocumentCore
import HTTP2PeerTransport
import HTTPAPI
import Logging
import NIOCore
import NIOPosix
import OperatorConsole
import PostgresPersistence
import RabbitMQBroker
import RedisClient
import RedisCoordination
import RuntimePorts
import ServiceLifecycle
import SessionProtocol
import Telemetry
import UnixSignals
import WebSocketGateway

/// Puts a node together from its parts and runs it. Decides nothing else.
struct NodeProcess {
    private let settings: NodeSettings
    private let logger: Logger
    private let metrics: NodeMetrics
    private let levels: LogLevelService
    private let record: NodeRecord

    init(_ settings: NodeSettings, metrics: NodeMetrics, levels: LogLevelService, logger: Logger) {
        self.settings = settings
        self.metrics = metrics
        self.levels = levels
        self.logger = logger
        var generator = SystemRandomNumberGenerator()
        record = NodeRecord(
            id: settings.id, incarnation: .random(using: &generator),
            peerAddress: PeerAddress(host: settings.peerAdvertisedHost, port: settings.peerPort),
            publicURL: settings.publicURL, capacity: settings.capacity)
    }

    /// Runs until a graceful shutdown, or until a part fails.
    ///
    /// The parts end in the reverse of their order: documents are handed over first, then sessions are closed, then the
    /// node lease is given up.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        let identityLoss = IdentityLoss()
        let clock = SystemRuntimeClock()
        let leases = try makeLeases(group)
        let store = try makeStore()
        let transport = try makeTransport(group)
        let broker = try makeBroker(clock)
        let tracer = settings.tracing.map { tracing in
            NodeTracer(
                TraceSampling(ratio: tracing.ratio, slowMicroseconds: Int64(tracing.slowMilliseconds) * 1_000),
                metrics: metrics, clock: clock, queuedSpans: tracing.queueSpans)
        }
        let measured = MeasuredStore(store, metrics: metrics, clock: clock)
        let node = ClusterNode(
            configuration: .init(
                clusterName: settings.cluster, record: record, timing: settings.timing, limits: settings.limits),
            leases: MeasuredLeases(leases, metrics: metrics, clock: clock), log: measured, snapshots: measured,
            catalog: measured, transport: transport, clock: clock,
            metrics: settings.countsMetrics ? metrics : NoRuntimeMetrics(), tracer: tracer ?? NoOperationTracer(),
            logger: logger, changes: broker.map { ChangeFeedPorts(broker: $0, positions: store) },
            processUsage: { .current() },
            onIdentityLost: { identityLoss.report($0) })
        transport.setService(node)
        EventLoopLag(group, metrics: metrics).start()
        let edge = makeEdge(node, measured, store, clock, tracer ?? NoOperationTracer(), group) {
            [metrics] gateway, format in
            var gauges = NodeGauges()
            (gauges.logWriterOperations, gauges.appendLagMicroseconds) = node.appendBacklog
            gauges.peerOutboundBytes = transport.statistics.queuedBytes
            gauges.sessionOutboundBytes = await gateway.outboundBytes()
            gauges.peerStreams = transport.statistics.openStreams
            gauges.postgres = store.links
            gauges.redis = leases.links
            gauges.rabbitMQ = broker?.links
            metrics.set(gauges)
            return Scrape(contentType: format.contentType, body: metrics.exposition(format))
        }
        // Before all others, so that it ends after them.
        let traces = tracer.map { TraceService($0, settings, record, clock: clock, on: group) }
        let services: [any Service] =
            (traces.map { [$0] } ?? []) + [
                levels, identityLoss, LeaseService(leases: leases), TransportService(transport: transport),
                RuntimeService(node: node, store: store, broker: broker, clock: clock), edge, DrainService(node: node),
            ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        logger.info(
            "starting",
            metadata: [
                "event": "node_starting", "url": "\(settings.publicURL)", "peer_address": "\(record.peerAddress)",
                "incarnation": "\(record.incarnation)",
            ])
        let result: Result<Void, any Error>
        do { result = .success(try await ServiceGroup(configuration: configuration).run()) } catch {
            result = .failure(error)
        }
        try? await group.shutdownGracefully()
        try result.get()
        logger.info("ended", metadata: ["event": "node_ended"])
    }

    private func makeLeases(_ group: MultiThreadedEventLoopGroup) throws -> RedisLeaseStore {
        guard let cluster = ClusterName(settings.cluster) else {
            throw NodeSettings.Invalid(description: "cluster cannot be used as a name in Redis")
        }
        var timeouts = RedisLeaseStore.Timeouts()
        timeouts.renewal = .milliseconds(min(300, settings.timing.renewalMilliseconds))
        return RedisLeaseStore(
            endpoint: settings.redis, cluster: cluster, eventLoopGroup: group, logger: logger,
            timeouts: timeouts)
    }

    private func makeStore() throws -> PostgresStore {
        var configuration = PostgresConfiguration(url: settings.postgres)
        configuration.lanes = settings.appendLanes
        return try PostgresStore(configuration, identity: record.identity, logger: logger)
    }

    private func makeBroker(_ clock: SystemRuntimeClock) throws -> MeasuredBroker? {
        guard let feed = settings.changeFeed else { return nil }
        let broker = try RabbitMQBroker(url: feed.url, queues: feed.queues, node: settings.id, logger: logger)
        return MeasuredBroker(broker, metrics: metrics, clock: clock)
    }

    private func makeTransport(_ group: MultiThreadedEventLoopGroup) throws -> HTTP2PeerTransport {
        let tls = settings.peerTLS.map {
            PeerTLS(certificateChain: $0.certificate, privateKey: $0.key, trustRoots: $0.authority)
        }
        var configuration = HTTP2PeerTransportConfiguration(
            node: record.identity, cluster: settings.cluster, host: settings.peerHost, port: settings.peerPort,
            tls: tls)
        configuration.sourceHost = settings.peerSourceHost
        return try HTTP2PeerTransport(configuration: configuration, group: group, logger: logger)
    }

    private func makeEdge(
        _ node: ClusterNode, _ store: MeasuredStore<PostgresStore>, _ operators: any OperatorStore,
        _ clock: SystemRuntimeClock, _ tracer: any OperationTracer, _ group: MultiThreadedEventLoopGroup,
        scrape: @escaping @Sendable (SessionGateway, ExpositionFormat) async -> Scrape
    ) -> EdgeServer {
        var configuration = GatewayConfiguration(clientIDKey: Array(settings.clientIDKey.utf8))
        configuration.limits.frameBytes = settings.maxFrameBytes
        configuration.limits.operationBytes = settings.limits.operationBytes
        configuration.limits.documentLength = settings.limits.documentLength
        configuration.limits.operationsPerSecond = settings.maxOperationsPerSecond
        configuration.operationBurst = 5 * settings.maxOperationsPerSecond
        configuration.sessionsPerNode = settings.maxSessions
        configuration.sessionsPerDocument = settings.maxSessionsPerDocument
        let authenticator = NamedUserAuthenticator()
        let authorizer = OpenAuthorizer(operators: settings.operators)
        let origins = OriginPolicy(configured: settings.allowedOrigins + [settings.publicURL]) { node.memberURLs }
        let consoles = ConsoleFeed(
            cluster: settings.cluster, node: settings.id, reports: node, store: operators, clock: clock, logger: logger)
        let gateway = SessionGateway(
            configuration, host: node, consoles: consoles, authenticator: authenticator, authorizer: authorizer,
            origins: origins, metrics: settings.countsMetrics ? metrics : NoGatewayMetrics(), tracer: tracer,
            logger: logger)
        var bounds = HTTPAPIConfiguration(webRoot: settings.webRoot)
        bounds.documentLength = settings.limits.documentLength
        let api = HTTPAPI(
            bounds, catalog: store, log: store, cluster: node,
            operators: operators, reports: node, authenticator: authenticator, authorizer: authorizer,
            origins: origins, metrics: metrics,
            scrape: { await scrape(gateway, ExpositionFormat(accept: $0)) }, logLevel: levels.api, logger: logger)
        return EdgeServer(
            host: settings.host, port: settings.port, api: api, server: gateway.serverBuilder, eventLoopGroup: group,
            sessionsOver: { await gateway.sessionsOver() },
            onRunning: { [logger] port in
                logger.info("listening", metadata: ["event": "node_listening", "port": "\(port)"])
            }, logger: logger)
    }
}
