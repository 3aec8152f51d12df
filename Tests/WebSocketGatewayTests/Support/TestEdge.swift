import CollabModel
import HTTPAPI
import Logging
import NIOCore
import NIOPosix
import RuntimePorts
import ServiceLifecycle
import Synchronization
import WebSocketGateway

/// A gateway and an API on a port of their own.
struct TestEdge {
    var port: Int
    var gateway: SessionGateway
    var host: FakeSessionHost
    var catalog: MemoryCatalog
    var cluster: FakeCluster
    /// The level that the API has set.
    var logLevel: @Sendable () -> Logger.Level
    /// Begins a graceful shutdown.
    var shutDown: @Sendable () async -> Void

    static let document = "00000001-0000-4000-8000-000000000000"
    /// The public URL of another member.
    static let member = "http://127.0.0.1:3002"
    /// The longest content of a new document.
    static let documentLength = 100_000
    static let key = Array("a key for tests".utf8)
    var mint: ClientIDMint { ClientIDMint(key: Self.key) }

    func open(_ query: String = "", document: String = Self.document) async throws -> RawWebSocket {
        try await RawWebSocket.open(port: port, "/doc/\(document)?\(query)")
    }

    /// Opens a session and takes it at the host.
    func session(_ query: String = "") async throws -> (RawWebSocket, FakeSession) {
        let socket = try await open(query)
        return (socket, await host.next())
    }

    /// The defaults, but clients that do not answer a close are not waited for.
    static var configuration: GatewayConfiguration {
        var configuration = GatewayConfiguration(clientIDKey: key)
        configuration.closeWithin = .milliseconds(300)
        return configuration
    }
}

/// Runs a test against a server, then shuts it down and waits until it is gone.
func withEdge(
    _ configuration: GatewayConfiguration = TestEdge.configuration, host: FakeSessionHost = FakeSessionHost(),
    consoles: (any ConsoleHost)? = nil,
    authenticator: any Authenticator = NamedUserAuthenticator(), authorizer: any Authorizer = OpenAuthorizer(),
    log: MemoryLog = MemoryLog(), tracer: any OperationTracer = NoOperationTracer(), webRoot: String? = nil,
    _ body: (TestEdge) async throws -> Void
) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let origins = OriginPolicy(configured: ["https://docs.test"]) { [TestEdge.member] }
    let gateway = SessionGateway(
        configuration, host: host, consoles: consoles, authenticator: authenticator, authorizer: authorizer,
        origins: origins,
        metrics: NoGatewayMetrics(), tracer: tracer, logger: logger)
    let (catalog, cluster, level) = (MemoryCatalog(), FakeCluster(), SharedLevel())
    var bounds = HTTPAPIConfiguration(webRoot: webRoot)
    bounds.documentLength = TestEdge.documentLength
    let api = HTTPAPI(
        bounds, catalog: catalog, log: log, cluster: cluster,
        operators: MemoryOperators(), reports: FakeReports(), authenticator: authenticator, authorizer: authorizer,
        origins: origins, metrics: NoGatewayMetrics(),
        scrape: { accept in
            Scrape(contentType: accept ?? "text/plain; version=0.0.4; charset=utf-8", body: Array("up 1\n".utf8))
        }, logLevel: LogLevel(read: { level.value }, write: { level.value = $0 }), logger: logger)
    let (ports, port) = AsyncStream<Int>.makeStream()
    let server = EdgeServer(
        host: "127.0.0.1", port: 0, api: api, server: gateway.serverBuilder,
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton, sessionsOver: { await gateway.sessionsOver() },
        onRunning: { port.yield($0) }, logger: logger)
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let bound = await iterator.next() ?? 0
        let edge = TestEdge(
            port: bound, gateway: gateway, host: host, catalog: catalog, cluster: cluster, logLevel: { level.value },
            shutDown: { await group.triggerGracefulShutdown() })
        do {
            try await body(edge)
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// A level of logs.
private final class SharedLevel: Sendable {
    private let level = Mutex(Logger.Level.info)
    var value: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }
}

/// Treats everybody as one with the token that a test says, which may change.
final class ChangingAccess: Authenticator, Authorizer {
    private let token: Mutex<String>
    private let questions: AsyncStream<String>
    private let question: AsyncStream<String>.Continuation

    init(token: String) {
        self.token = Mutex(token)
        (questions, question) = AsyncStream.makeStream()
    }

    func change(to token: String) { self.token.withLock { $0 = token } }

    /// Waits until it was asked so often while this was the token.
    func whenAsked(_ count: Int, as token: String) async {
        var left = count
        for await asked in questions where asked == token {
            left -= 1
            if left == 0 { return }
        }
    }

    func authenticate(_ credentials: Credentials) async throws(AuthenticationError) -> Principal {
        var credentials = credentials
        let token = token.withLock { $0 }
        credentials.token = token
        question.yield(token)
        return try await StrictAccess().authenticate(credentials)
    }

    func permission(of user: Principal, on document: DocumentID) async throws(StoreUnavailable) -> Permission? { nil }
    func mayCreateDocuments(_ user: Principal) async throws(StoreUnavailable) -> Bool { false }
    func mayOperate(_ user: Principal) async throws(StoreUnavailable) -> Bool { user.isOperator }
}

/// Refuses everybody without the token `good`, knows one document, and lets `viewer` only see it.
struct StrictAccess: Authenticator, Authorizer {
    func authenticate(_ credentials: Credentials) async throws(AuthenticationError) -> Principal {
        switch credentials.token {
        case "good": Principal(userID: UserID("ann")!, name: "Ann", isOperator: false)
        case "viewer": Principal(userID: UserID("viewer")!, name: "Viewer", isOperator: false)
        case "operator": Principal(userID: UserID("op")!, name: "Op", isOperator: true)
        case "down": throw .unavailable("no keys")
        default: throw .unauthorized("a valid token is needed")
        }
    }

    func permission(of user: Principal, on document: DocumentID) async throws(StoreUnavailable) -> Permission? {
        guard document.description == TestEdge.document else { return nil }
        return user.userID.text == "viewer" ? .view : .edit
    }

    func mayCreateDocuments(_ user: Principal) async throws(StoreUnavailable) -> Bool { user.userID.text != "viewer" }

    func mayOperate(_ user: Principal) async throws(StoreUnavailable) -> Bool { user.isOperator }
}
