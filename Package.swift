// swift-tools-version: 6.3
import PackageDescription

// Layers are documented in README.md ("How the source is laid out") and enforced by
// Tests/ArchitectureTests: a target depends only on targets of a lower layer.

// .ci/run asks for warnings as errors; a newer compiler's new warnings do not break anybody else's build.
let warningsAreErrors = Context.environment["COLLAB_WARNINGS_AS_ERRORS"] == "1"

let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
    // Defects that can be switched on, for tests of the tests (Chaos/README.md). Never in a build that is used.
    + (Context.environment["COLLAB_MUTANTS"] == "1" ? [.define("MUTANTS")] : [])

func library(
    _ name: String, path: String? = nil, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "collab",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "collab", targets: ["collab"]),
        .library(name: "CollabClient", targets: ["CollabClient"]),
        .library(name: "Delta", targets: ["Delta"]),
        .library(name: "EditingTraces", targets: ["EditingTraces"]),
        .library(name: "JSON", targets: ["JSON"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Layer 0: values.
        library("JSON"),
        library("Delta", ["JSON"]),
        library("CollabModel"),
        library("URLSyntax"),
        library("Randomness"),

        // Layer 1: machines and wire languages. No clock, no socket, no Foundation.
        library("DocumentCore", ["Randomness", "Delta", "CollabModel", deque]),
        library("SessionProtocol", ["JSON", "Delta", "CollabModel"]),
        library("PeerProtocol", ["JSON", "Delta", "CollabModel", "DocumentCore"]),
        library("ClusterCore", ["Randomness", "CollabModel", "DocumentCore", "PeerProtocol"]),

        // Layer 2: what the runtime asks of the world.
        library("RuntimePorts", ["Delta", "CollabModel", "DocumentCore", "PeerProtocol"]),

        // Layer 3: system libraries, each behind an owned handle.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"]), .brew(["nghttp2"])]),
        .systemLibrary(name: "CRabbitMQ", providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),
        .target(name: "CPollWake"),
        library("RedisClient", ["URLSyntax", "CHiredis", nioCore, nioPosix, deque]),
        library("PostgresClient", ["Randomness", "CPQ", "CPollWake", deque]),
        library("HTTP2Session", ["CNGHTTP2", nioCore, deque]),
        library("AMQPClient", ["URLSyntax", "CRabbitMQ", deque]),

        // Layer 4: one port each, on a real system.
        library(
            "RedisCoordination",
            ["RuntimePorts", "RedisClient", "ClusterCore", "CollabModel", logging, nioCore, nioPosix]),
        library(
            "PostgresPersistence",
            ["RuntimePorts", "PostgresClient", "JSON", "Delta", "CollabModel", "DocumentCore", logging]),
        library(
            "HTTP2PeerTransport",
            [
                "RuntimePorts", "HTTP2Session", "PeerProtocol", "CollabModel", logging, nioCore, nioPosix, nioSSL,
                deque,
            ]),
        library(
            "RabbitMQBroker", ["RuntimePorts", "AMQPClient", "DocumentCore", "CollabModel", "JSON", logging]),

        // Layer 5: actors that run the machines' actions.
        library(
            "ClusterRuntime",
            [
                "RuntimePorts", "DocumentCore", "ClusterCore", "PeerProtocol", "Delta", "CollabModel", logging, deque,
                lifecycle,
            ]),

        // Layer 6: the edges.
        library(
            "Telemetry",
            [
                "Randomness", "RuntimePorts", "DocumentCore", "Delta", "CollabModel", "JSON", coreMetrics, logging,
                tracing, nioCore,
            ]),
        library(
            "WebSocketGateway",
            [
                "RuntimePorts", "SessionProtocol", "DocumentCore", "JSON", "Delta", "CollabModel", "URLSyntax", logging,
                crypto, nioCore, nioHTTP1, nioWebSocket, httpTypes, nioHTTPTypes, nioHTTPTypesHTTP1, hummingbirdCore,
            ]),
        library(
            "HTTPAPI",
            [
                "RuntimePorts", "PeerProtocol", "DocumentCore", "JSON", "Delta", "CollabModel", "URLSyntax", logging,
                hummingbird, lifecycle, nioCore, nioPosix,
            ]),
        library("OperatorConsole", ["RuntimePorts", "PeerProtocol", "CollabModel", "JSON", logging]),

        // Beside: recorded editing sessions, and the algebra as JSON lines.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        library("EditingTraces", ["CZlib", "Delta", "JSON"]),
        library("DeltaLines", ["Delta", "EditingTraces", "JSON"]),

        // Beside: the client, the load generator, the local cluster.
        library(
            "CollabClient",
            [
                "Randomness", "SessionProtocol", "DocumentCore", "Delta", "CollabModel", "JSON", "URLSyntax", logging,
                nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL, deque,
            ]),
        library(
            "LoadGenerator",
            [
                "Randomness", "CollabClient", "EditingTraces", "SessionProtocol", "Delta", "CollabModel", "JSON",
                logging, histogram,
                httpClient, nioCore, nioPosix, nioHTTP1,
            ]),
        .target(name: "CDetachedProcess", path: "Cluster/CDetachedProcess"),
        library("LocalCluster", path: "Cluster/LocalCluster", ["CollabModel", "CDetachedProcess"]),

        // Beside: what makes a local cluster fail.
        library(
            "Nemeses", path: "Chaos/Nemeses", ["Randomness", "LocalCluster", "CollabModel", nioCore, nioPosix, deque]),

        // Beside: what judges a recording of the system, and shares nothing with it but the algebra.
        library("HistoryChecker", path: "Chaos/Checker", ["Delta", "JSON"], exclude: ["HISTORY.md"]),

        library(
            "ChaosHarness", path: "Chaos/Harness",
            [
                "Randomness", "Nemeses", "HistoryChecker", "LocalCluster", "CollabClient", "LoadGenerator",
                "SessionProtocol",
                "AMQPClient",
                "Delta", "CollabModel", "JSON", yams, httpClient, nioCore, nioPosix, nioHTTP1,
            ]),

        // Layer 7: composition only.
        .executableTarget(
            name: "collab",
            dependencies: [
                "ClusterRuntime", "ClusterCore", "RedisCoordination", "RedisClient", "PostgresPersistence",
                "HTTP2PeerTransport", "RabbitMQBroker", "AMQPClient",
                "WebSocketGateway", "HTTPAPI", "OperatorConsole", "Telemetry", "LocalCluster", "LoadGenerator",
                "ChaosHarness", "Nemeses",
                "HistoryChecker", "SimulationCommand", "CollabClient", "JSON",
                "Delta", "DeltaLines", "CollabModel", "URLSyntax", "RuntimePorts", "DocumentCore", "SessionProtocol",
                arguments, configuration, httpClient, nioHTTP1,
                lifecycle, unixSignals, logging, nioCore, nioPosix,
            ],
            swiftSettings: strict),

        // For tests: in-memory ports, a test clock, one contract suite per port.
        library(
            "RuntimeTesting",
            [
                "Randomness", "RuntimePorts", "ClusterCore", "DocumentCore", "PeerProtocol", "Delta", "CollabModel",
                "JSON", deque,
            ]),

        // The proof: the runtime on a seeded scheduler and simulated servers.
        .target(name: "CSimulationHooks", path: "Chaos/CSimulationHooks"),
        library(
            "ClusterSimulation", path: "Chaos/Simulation",
            [
                "Randomness", "CSimulationHooks", "RuntimeTesting", "ClusterRuntime", "ClusterCore", "RuntimePorts",
                "DocumentCore",
                "PeerProtocol", "HistoryChecker", "Delta", "CollabModel", "JSON", logging, deque,
            ]),
        library(
            "SimulationCommand", path: "Chaos/SimulationCommand",
            ["ClusterSimulation", "CollabModel", "JSON", arguments]),
        .executableTarget(
            name: "collab-simulate", dependencies: ["SimulationCommand", arguments], path: "Chaos/Simulate",
            swiftSettings: strict),

        // For tests: a cluster in this process, without storage, to which clients connect.
        library(
            "CollabClientTesting",
            [
                "SessionProtocol", "DocumentCore", "Delta", "CollabModel", "JSON", "URLSyntax", nioCore, nioPosix,
                nioHTTP1, nioWebSocket,
            ]),

        tests("ArchitectureTests", []),
        tests("JSONTests", ["JSON"]),
        tests("DeltaTests", ["Randomness", "Delta", "JSON"], resources: [.copy("Fixtures")]),
        tests(
            "DeltaLinesTests", ["DeltaLines", "EditingTraces", "Delta", "JSON", "CZlib"],
            resources: [.copy("Fixtures")]),
        tests("CollabModelTests", ["CollabModel"]),
        tests("URLSyntaxTests", ["URLSyntax"]),
        tests("DocumentCoreTests", ["Randomness", "DocumentCore", "Delta", "CollabModel", "JSON"]),
        tests("ClusterCoreTests", ["Randomness", "ClusterCore", "CollabModel", "DocumentCore", "PeerProtocol"]),
        tests("SessionProtocolTests", ["Randomness", "SessionProtocol", "Delta", "CollabModel", "JSON"]),
        tests("PeerProtocolTests", ["Randomness", "PeerProtocol", "DocumentCore", "Delta", "CollabModel", "JSON"]),
        tests(
            "RedisClientTests",
            [
                "Randomness", "RedisClient", "RedisCoordination", "RuntimePorts", "RuntimeTesting", "CollabModel",
                "LocalCluster",
                logging, nioCore, nioPosix,
            ]),
        tests(
            "PostgresClientTests",
            [
                "PostgresClient", "PostgresPersistence", "RuntimePorts", "RuntimeTesting", "DocumentCore", "Delta",
                "CollabModel", "JSON", "LocalCluster", logging,
            ]),
        tests(
            "RabbitMQTests",
            [
                "AMQPClient", "RabbitMQBroker", "RuntimePorts", "DocumentCore", "Delta", "CollabModel", "JSON",
                "LocalCluster", logging,
            ]),
        tests(
            "HTTP2PeerTransportTests",
            [
                "Randomness", "HTTP2PeerTransport", "HTTP2Session", "PeerProtocol", "RuntimePorts", "RuntimeTesting",
                "CollabModel",
                "DocumentCore", "Delta", "LocalCluster", logging, nioCore, nioPosix, nioSSL,
            ]),
        tests(
            "ClusterRuntimeTests",
            [
                "ClusterRuntime", "RuntimeTesting", "RuntimePorts", "DocumentCore", "ClusterCore", "PeerProtocol",
                "Delta", "CollabModel", "JSON", logging,
            ]),
        tests(
            "TelemetryTests",
            [
                "Telemetry", "RuntimePorts", "DocumentCore", "Delta", "CollabModel", "JSON", "LocalCluster",
                coreMetrics,
                logging, tracing,
            ]),
        tests(
            "OperatorConsoleTests", ["OperatorConsole", "RuntimePorts", "PeerProtocol", "CollabModel", "JSON", logging]),
        tests(
            "WebSocketGatewayTests",
            [
                "WebSocketGateway", "HTTPAPI", "PeerProtocol", "RuntimePorts", "DocumentCore", "SessionProtocol",
                "URLSyntax",
                "Delta",
                "CollabModel",
                "JSON", logging, lifecycle, nioCore, nioPosix, nioHTTP1, nioWebSocket,
            ]),
        tests(
            "CollabClientTests",
            [
                "CollabClient", "CollabClientTesting", "SessionProtocol", "DocumentCore", "Delta", "CollabModel",
                "JSON",
                nioCore, nioPosix,
            ]),
        tests(
            "LoadGeneratorTests",
            ["LoadGenerator", "CollabClient", "CollabClientTesting", "EditingTraces", "Delta", "CollabModel", "JSON"]),
        tests("ChaosHarnessTests", ["ChaosHarness", "HistoryChecker", "LoadGenerator", "Nemeses", "Delta", "JSON"]),
        tests("ChaosTests", ["ChaosHarness", "Nemeses"]),
        tests("NemesesTests", ["Nemeses", "LocalCluster", "CollabModel", nioCore, nioPosix]),
        tests(
            "ClusterSimulationTests",
            ["ClusterSimulation", "SimulationCommand", "collab-simulate", "LocalCluster", "Delta"]),
        tests("HistoryCheckerTests", ["Randomness", "HistoryChecker", "Delta", "JSON"]),
        tests("LocalClusterTests", ["LocalCluster", "CollabModel"]),
        tests(
            "IntegrationTests",
            [
                "LocalCluster", "CollabClient", "AMQPClient", "SessionProtocol", "Delta", "CollabModel", "JSON",
                nioCore,
                nioPosix,
            ]),
        tests(
            "BrowserTests", ["LocalCluster"],
            exclude: ["README.md", "browser", "js"]),
    ],
    swiftLanguageModes: [.v6]
)
