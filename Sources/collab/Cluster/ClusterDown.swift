internal import ArgumentParser
internal import LocalCluster

/// `collab cluster down`.
struct ClusterDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stops every process of the cluster; documents and logs stay.")

    @OptionGroup var options: ClusterOptions
    @Flag(help: "Remove the run directory with all documents and logs.") var removeData = false
    @Flag(help: "Stop at once, without letting nodes drain.") var now = false

    func run() async throws {
        try await options.changing {
            let cluster = try await LocalCluster.open(options.directory)
            try await cluster.down(now ? .immediate : .graceful, removingData: removeData)
        }
        Console.line("The cluster is down.")
    }
}
