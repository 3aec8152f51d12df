internal import CollabModel
internal import Foundation
internal import Glibc

extension LocalCluster {
    /// How a cluster ends.
    package enum Ending: Sendable {
        /// Nodes drain, the database writes a checkpoint.
        case graceful
        /// At once: for tests, whose data nobody needs again.
        case immediate
    }

    /// Starts the services of the plan and then every node, and returns when all are ready.
    ///
    /// - Parameter report: is told what happens, for a person.
    /// - Throws: ``LocalClusterError``: `port_taken`, `not_installed`, `not_ready` … What was started by then is
    ///   stopped again.
    package func up(report: @Sendable (String) -> Void = { _ in }) async throws {
        do {
            try checkPorts()
            try await startServices(report: report)
            guard !state.nodes.isEmpty else { return }
            guard FileManager.default.isExecutableFile(atPath: state.plan.executable) else {
                throw LocalClusterError(
                    code: "not_installed", message: "there is no collab executable at \(state.plan.executable)")
            }
            for index in state.nodes.indices { try await launch(index) }
            for node in nodes {
                try await waitUntilReady(node)
                report("\(node.id) is ready at \(node.url)")
            }
        } catch {
            await stopEverything(.immediate)
            throw error
        }
    }

    /// Stops every process of the cluster; the data stay, unless `removingData`.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_stopped` when a process outlives even SIGKILL.
    package func down(_ ending: Ending = .graceful, removingData: Bool = false) async throws {
        await stopEverything(ending)
        let left = state.processes.filter(\.exists) + ProcessTable.processes(workingIn: directory.path)
        guard left.isEmpty else {
            throw LocalClusterError(
                code: "not_stopped",
                message: "did not end: processes \(left.map { String($0.pid) }.joined(separator: ", "))")
        }
        if removingData {
            try directory.remove()
        } else {
            try await save()
        }
    }

    /// Takes down the temporary clusters whose test process has ended without doing so itself, for instance because
    /// it crashed.
    package static func sweepAbandoned() async throws {
        // Whoever sweeps already does it for all; waiting for him would make one busy process hold up every other.
        guard let lock = try FileLock.take("/tmp/collab-sweep-\(geteuid()).lock") else { return }
        defer { withExtendedLifetime(lock) {} }
        for directory in RunDirectory.temporaryOnes {
            guard let state = try? ClusterState.read(from: directory), let owner = state.owner, !owner.exists,
                let cluster = try? await LocalCluster.open(directory)
            else { continue }
            try? await cluster.down(.immediate, removingData: true)
        }
    }

    private func checkPorts() throws {
        var ports = ClusterPlan.Service.allCases.filter(state.plan.services.contains).flatMap(state.plan.ports.uses)
        for node in nodes {
            ports.append((node.port, "\(node.id)", "--port"))
            ports.append((node.peerPort, "the peers of \(node.id)", "--peer-port"))
        }
        try LoopbackPort.requireFree(ports)
    }

    private func startServices(report: @Sendable (String) -> Void) async throws {
        let services = state.plan.services
        try await prometheus.scrape(nodes, of: state.plan.clusterName)
        try await withThrowingTaskGroup(of: Void.self) { [postgres, redis, prometheus, dashboards, rabbitMQ] group in
            if services.contains(.postgres) { group.addTask { try await postgres.start() } }
            if services.contains(.redis) { group.addTask { try await redis.start() } }
            if services.contains(.prometheus) { group.addTask { try await prometheus.start() } }
            if services.contains(.dashboards) { group.addTask { try await dashboards.start(asking: prometheus.url) } }
            if services.contains(.rabbitMQ) { group.addTask { try await rabbitMQ.start() } }
            try await group.waitForAll()
        }
        try await save()
        if services.contains(.postgres) { report("PostgreSQL is ready at \(postgres.url)") }
        if services.contains(.redis) { report("Redis is ready at \(redis.url)") }
        if services.contains(.prometheus) { report("Prometheus is ready at \(prometheus.url)") }
        if services.contains(.rabbitMQ) { report("RabbitMQ is ready at \(rabbitMQ.url)") }
        if services.contains(.dashboards) { report("The dashboards are ready at \(dashboards.url)") }
    }

    /// Stops what can be stopped, the nodes before what they use, and goes on when something does not stop:
    /// ``down(_:removingData:)`` looks at what is left.
    private func stopEverything(_ ending: Ending) async {
        await withTaskGroup(of: Void.self) { group in
            for node in state.nodes {
                guard let process = node.process else { continue }
                group.addTask { await Self.end(process, ending) }
            }
        }
        for index in state.nodes.indices { state.nodes[index].process = nil }
        switch ending {
        case .graceful:
            try? await dashboards.stop()
            try? await prometheus.stop()
            try? await rabbitMQ.stop()
            try? await redis.stop()
            try? await postgres.stop()
        case .immediate:
            try? await dashboards.kill()
            try? await prometheus.kill()
            try? await rabbitMQ.kill()
            try? await redis.kill()
            try? await postgres.stopAtOnce()
        }
        for process in ProcessTable.processes(workingIn: directory.path) { await Self.end(process, .immediate) }
    }

    /// A little more than a node allows itself for leaving.
    private static let drainPatience: Duration = .seconds(35)

    static func end(_ process: ProcessIdentity, _ ending: Ending) async {
        if ending == .graceful, process.condition == .alive, (try? process.send(.terminate)) == true,
            await process.waitForExit(within: drainPatience)
        {
            return
        }
        _ = try? process.send(.kill)
        _ = await process.waitForExit(within: .seconds(5))
    }
}
