import AsyncHTTPClient
import CollabModel
import NIOCore
import NIOHTTP1
import NIOPosix
import RuntimePorts
import ServiceLifecycle
import Telemetry

/// Sends the node's spans to its collector until the node ends.
struct TraceService: Service {
    private let exporter: SpanExporter
    private let client: HTTPClient

    /// The longest that the collector may take to connect, to answer, and between two parts of its answer; the exporter
    /// bounds the whole.
    private static let timeout = TimeAmount.seconds(5)

    init(
        _ tracer: NodeTracer, _ settings: NodeSettings, _ record: NodeRecord, clock: any RuntimeClock,
        on group: MultiThreadedEventLoopGroup
    ) {
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(group),
            configuration: HTTPClient.Configuration(timeout: .init(connect: Self.timeout, read: Self.timeout)))
        let url = settings.tracing?.url ?? ""
        self.client = client
        exporter = SpanExporter(
            tracer,
            resource: [
                ("service.name", "collab"), ("service.version", CollabVersion.text),
                ("service.instance.id", record.identity.description), ("server_id", settings.id.text),
                ("collab.cluster", settings.cluster),
            ],
            version: CollabVersion.text, clock: clock
        ) { body in
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await client.execute(request, timeout: Self.timeout)
            // Read, so that the connection can be used again; the protocol's answers are short.
            _ = try await response.body.collect(upTo: 1 << 20)
            return UInt(response.status.code)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await exporter.run() }
        try? await client.shutdown()
    }
}
