extension LocalCluster {
    /// Sends a signal to a server beside the nodes, and returns when it has had its effect: PostgreSQL's processes are
    /// stopped and continued together; TERM stops a server in order.
    ///
    /// - Throws: ``LocalClusterError`` with code `no_service` when the cluster was started without it, `not_running`
    ///   when it does not run.
    package func send(_ signal: ProcessSignal, to service: ClusterPlan.Service) async throws {
        let server = try server(service)
        guard await server.process?.exists == true else {
            throw LocalClusterError(code: "not_running", message: "\(service.name) does not run")
        }
        switch signal {
        case .kill: try await server.kill()
        case .terminate, .interrupt, .quit: try await server.stop()
        case .stop: try await server.pause()
        case .resume: try await server.resume()
        case .hangup: try await server.process?.send(.hangup)
        }
        try await save()
    }

    /// Starts a server beside the nodes that has ended, with the data that it had, and returns when it is ready.
    ///
    /// - Throws: ``LocalClusterError`` with code `no_service`, `already_running`, `port_taken` or `not_ready`.
    package func start(_ service: ClusterPlan.Service) async throws {
        let server = try server(service)
        if let process = await server.process, process.exists {
            let isStopped = process.condition == .stopped
            throw LocalClusterError(
                code: "already_running",
                message: "\(service.name) \(isStopped ? "is stopped; SIGCONT continues it" : "runs already")")
        }
        // RabbitMQ's port mapper has outlived it; RabbitMQServer looks at the other two ports itself.
        if service != .rabbitMQ { try LoopbackPort.requireFree(state.plan.ports.uses(of: service)) }
        switch service {
        case .postgres: try await postgres.start()
        case .redis: try await redis.start()
        case .prometheus: try await prometheus.start()
        case .dashboards: try await dashboards.start(asking: prometheus.url)
        case .rabbitMQ: try await rabbitMQ.start()
        }
        try await save()
    }

    /// What the servers do that the cluster was started with.
    func servers() async -> [ClusterStatus.Server] {
        var servers: [ClusterStatus.Server] = []
        for service in ClusterPlan.Service.allCases where state.plan.services.contains(service) {
            let server = self[service]
            let process = await server.process
            let condition: ClusterStatus.Condition =
                switch process?.condition {
                case .alive: .running
                case .stopped: .stopped
                case .gone, nil: .exited
                }
            servers.append(
                ClusterStatus.Server(
                    name: service.name, url: server.url, pid: condition == .exited ? nil : process?.pid,
                    state: condition))
        }
        return servers
    }

    private func server(_ service: ClusterPlan.Service) throws(LocalClusterError) -> any LocalServer {
        guard state.plan.services.contains(service) else {
            throw LocalClusterError(code: "no_service", message: "the cluster was started without \(service.name)")
        }
        return self[service]
    }

    private subscript(service: ClusterPlan.Service) -> any LocalServer {
        switch service {
        case .postgres: postgres
        case .redis: redis
        case .prometheus: prometheus
        case .dashboards: dashboards
        case .rabbitMQ: rabbitMQ
        }
    }
}
