package import CollabModel
internal import Foundation

extension LocalCluster {
    /// How long a node may take from its start to its readiness.
    package static let readinessTimeout: Duration = .seconds(30)

    /// Sends a signal to a node's process and returns; a killed node is waited for until it has gone, and a stopped
    /// one until it has stopped.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_running` when the node does not run.
    package func send(_ signal: ProcessSignal, to node: NodeID) async throws {
        let index = try index(of: node)
        guard let process = state.nodes[index].process, try process.send(signal) else {
            throw LocalClusterError(code: "not_running", message: "\(node) does not run")
        }
        switch signal {
        case .kill: _ = await process.waitForExit(within: .seconds(5))
        case .stop: try await process.pause()
        default: break
        }
    }

    /// Starts a node that has ended, or a drained one anew, and returns when it is ready.
    ///
    /// - Parameter environment: settings of this start beside those of the plan.
    /// - Throws: ``LocalClusterError`` with code `already_running`, `port_taken` or `not_ready`.
    package func start(_ node: NodeID, environment: [String: String] = [:]) async throws {
        let index = try index(of: node)
        if let process = state.nodes[index].process, process.exists {
            guard process.condition == .alive else {
                throw LocalClusterError(code: "already_running", message: "\(node) is stopped; SIGCONT continues it")
            }
            guard await isDraining(nodes[index]) else {
                throw LocalClusterError(code: "already_running", message: "\(node) runs already")
            }
            await Self.end(process, .graceful)
        }
        try await launch(index, environment: environment)
        try await waitUntilReady(nodes[index])
    }

    private func isDraining(_ node: ClusterNode) async -> Bool {
        guard let answer = await LoopbackHTTP.get("/readyz", port: node.port) else { return false }
        return Self.condition(saying: answer) == .draining
    }

    /// Starts one more node and returns when it is ready.
    package func add(environment: [String: String] = [:]) async throws -> ClusterNode {
        let next = state.plan.node(at: state.nodes.map(\.number).max() ?? 0)
        try LoopbackPort.requireFree([
            (next.port, "the new node", "--port"), (next.peerPort, "the new node's peers", "--peer-port"),
        ])
        state.nodes.append(next)
        let index = state.nodes.count - 1
        try await launch(index, environment: environment)
        try await prometheus.scrape(nodes, of: state.plan.clusterName)
        let node = nodes[index]
        try await waitUntilReady(node)
        return node
    }

    /// Waits until a node answers `GET /readyz` with 200.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_ready` and the end of the node's log when it ends before, or
    ///   takes longer than ``readinessTimeout``.
    package func waitUntilReady(_ node: ClusterNode) async throws {
        let deadline = ContinuousClock.now + Self.readinessTimeout
        while true {
            if await LoopbackHTTP.get("/readyz", port: node.port)?.status == 200 { return }
            let runs = try process(of: node.id) != nil
            guard runs, ContinuousClock.now < deadline else {
                let reason = runs ? "was not ready within \(Self.readinessTimeout)" : "ended before it was ready"
                throw LocalClusterError(
                    code: "not_ready",
                    message: "\(node.id) \(reason). The end of \(node.log):\n\(LogFile.tail(of: node.log))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Starts the process of a node and writes it down.
    func launch(_ index: Int, environment: [String: String] = [:]) async throws {
        let node = nodes[index]
        let plan = state.plan
        let place = directory.node(node.id.text)
        try Directories.make(place)
        var arguments = [
            "node", "--id", node.id.text, "--host", "127.0.0.1", "--port", String(node.port), "--peer-host",
            "127.0.0.1", "--peer-port", String(node.peerPort), "--cluster", plan.clusterName, "--log-level",
            plan.logLevel,
        ]
        if let routes = plan.routes {
            arguments += [
                "--peer-advertised-host", routes.peers(of: node.number), "--peer-source-host",
                routes.peerSource(of: node.number), "--postgres", postgres.url(at: routes.postgres(of: node.number)),
                "--redis", redis.url(at: routes.redis(of: node.number)),
            ]
        } else {
            arguments += ["--postgres", postgres.url, "--redis", redis.url]
        }
        if let webRoot = plan.webRoot { arguments += ["--web-root", webRoot] }
        var settings = (plan.inherited ?? [:]).merging(ProcessInfo.processInfo.environment) { $1 }
        if plan.services.contains(.rabbitMQ) {
            // It has a password, which no list of processes has to show.
            settings["COLLAB_RABBITMQ"] = rabbitMQ.url
            settings["COLLAB_FEED_QUEUES"] = ClusterPlan.feedQueue
        }
        settings.merge(plan.environment) { $1 }
        settings.merge(nodeEnvironment[node.number] ?? [:]) { $1 }
        settings.merge(environment) { $1 }
        let program = Program(plan.executable, arguments, environment: settings, directory: place)
        state.nodes[index].process?.reap()
        state.nodes[index].process = try program.start(log: node.log)
        try await save()
    }
}
