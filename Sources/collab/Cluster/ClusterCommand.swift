internal import ArgumentParser
internal import LocalCluster

/// `collab cluster`: a cluster of nodes with their database on this machine.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Runs a cluster on this machine: private PostgreSQL, Redis, Prometheus and several nodes.",
        subcommands: [
            ClusterUp.self, ClusterDown.self, ClusterStatusCommand.self, ClusterOwner.self, ClusterKill.self,
            ClusterStart.self, ClusterAdd.self, ClusterDrain.self, ClusterLogs.self,
        ])
}

/// What all commands of a local cluster take.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Where the cluster keeps its state, logs and data (default: .run in the checkout).")
    var runDirectory: String?

    var directory: RunDirectory { runDirectory.map { RunDirectory($0) } ?? .standard }

    /// The cluster of the run directory, for looking.
    func cluster() async throws -> LocalCluster {
        try await reportingErrors { try await LocalCluster.open(directory) }
    }

    /// Runs `body` while no other command changes the same cluster.
    ///
    /// - Parameter isNew: whether the cluster may not be there yet. Otherwise a directory without one is an error, and
    ///   is left as it is.
    func changing<Result>(isNew: Bool = false, _ body: () async throws -> Result) async throws -> Result {
        try await reportingErrors {
            if !isNew { _ = try await LocalCluster.open(directory) }
            guard let lock = try directory.lock() else {
                throw LocalClusterError(
                    code: "busy", message: "another command is changing the cluster in \(directory.path)")
            }
            defer { withExtendedLifetime(lock) {} }
            return try await body()
        }
    }

    /// Shows errors of the cluster as a command's: the message alone, and status 1.
    func reportingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as LocalClusterError {
            Console.error("error: \(error.message)")
            throw ExitCode.failure
        }
    }
}
