/// The layers of the architecture, lowest first. A target imports from its own rows above only.
///
/// Layers 0 and 1 take several rows each, because a wire language is written in terms of the machines, and the
/// decisions between nodes in terms of both.
enum Layers {
    static let rows: [[String]] = [
        // 0: values.
        ["JSON", "CollabModel", "URLSyntax", "Randomness"],
        ["Delta"],
        // 1: machines and wire languages.
        ["DocumentCore", "SessionProtocol"],
        ["PeerProtocol"],
        ["ClusterCore"],
        // 2: what the runtime asks of the world.
        ["RuntimePorts"],
        // 3: system libraries and their handles.
        ["CHiredis", "CPQ", "CNGHTTP2", "CRabbitMQ", "CPollWake", "CDetachedProcess", "CSimulationHooks", "CZlib"],
        ["RedisClient", "PostgresClient", "HTTP2Session", "AMQPClient"],
        // 4: a port each.
        ["RedisCoordination", "PostgresPersistence", "HTTP2PeerTransport", "RabbitMQBroker"],
        // 5: actors.
        ["ClusterRuntime"],
        // 6: the edges, and what stands beside them.
        [
            "WebSocketGateway", "HTTPAPI", "OperatorConsole", "Telemetry", "CollabClient", "LocalCluster",
            "RuntimeTesting",
        ],
        ["HistoryChecker"],
        ["EditingTraces", "CollabClientTesting"],
        ["LoadGenerator", "DeltaLines", "Nemeses", "ClusterSimulation"],
        ["ChaosHarness", "SimulationCommand"],
        // 7: composition.
        ["collab", "collab-simulate"],
    ]

    /// Targets that may import fewer of ours than their row allows: they do not stand on a node's inside.
    static let narrow: [String: Set<String>] = [
        "RedisClient": ["URLSyntax", "CHiredis"],
        "PostgresClient": ["Randomness", "CPQ", "CPollWake"],
        "HTTP2Session": ["CNGHTTP2"],
        "AMQPClient": ["URLSyntax", "CRabbitMQ"],
        "CollabClient": ["Randomness", "JSON", "Delta", "CollabModel", "URLSyntax", "SessionProtocol", "DocumentCore"],
        "LoadGenerator": [
            "Randomness", "JSON", "Delta", "CollabModel", "SessionProtocol", "CollabClient", "EditingTraces",
        ],
        "LocalCluster": ["CollabModel", "CDetachedProcess"],
        "HistoryChecker": ["JSON", "Delta"],
        "Nemeses": ["Randomness", "CollabModel", "LocalCluster"],
        "ChaosHarness": [
            "Randomness", "JSON", "Delta", "CollabModel", "SessionProtocol", "CollabClient", "LocalCluster",
            "LoadGenerator",
            "HistoryChecker", "Nemeses", "AMQPClient",
        ],
        "ClusterSimulation": [
            "Randomness", "CSimulationHooks", "HistoryChecker", "RuntimeTesting", "ClusterRuntime", "ClusterCore",
            "RuntimePorts",
            "PeerProtocol", "DocumentCore", "Delta", "CollabModel", "JSON",
        ],
        "collab-simulate": ["SimulationCommand"],
        "RuntimeTesting": [
            "Randomness", "JSON", "Delta", "CollabModel", "DocumentCore", "ClusterCore", "PeerProtocol", "RuntimePorts",
        ],
    ]

    /// Layers 0 and 1, and what judges them without knowing them.
    static let pure = rows[..<5].flatMap { $0 } + ["HistoryChecker"]

    /// The layers that ask no real clock: 0 to 5.
    static let clockless = pure + ["RuntimePorts", "ClusterRuntime", "ClusterSimulation"]

    /// The one file of them that does: the clock that the program hands to the runtime.
    static let clock = "SystemRuntimeClock.swift"

    static let all = rows.flatMap { $0 }

    static let swiftTargets = all.filter {
        ![
            "CHiredis", "CPQ", "CNGHTTP2", "CRabbitMQ", "CPollWake", "CDetachedProcess", "CSimulationHooks", "CZlib",
        ].contains($0)
    }

    /// Which of our targets `target` may import.
    static func allowed(_ target: String) -> Set<String> {
        if let narrow = narrow[target] { return narrow }
        guard let row = rows.firstIndex(where: { $0.contains(target) }) else { return [] }
        return Set(rows[..<row].flatMap { $0 })
    }
}
