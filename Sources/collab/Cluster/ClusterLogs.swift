internal import ArgumentParser
internal import CollabModel
internal import Foundation
internal import LocalCluster

/// `collab cluster logs`.
struct ClusterLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Prints the log of a node, or of postgres, redis, prometheus, dashboards.")

    @OptionGroup var options: ClusterOptions
    @Argument(help: "The node, such as node-1, or postgres, redis, prometheus, dashboards.") var process: NodeID
    @Flag(name: .shortAndLong, help: "Go on printing what is added.") var follow = false

    func run() async throws {
        let path = options.directory.log(of: process.text)
        guard let file = FileHandle(forReadingAtPath: path) else {
            Console.error("error: there is no log \(path)")
            throw ExitCode.failure
        }
        defer { try? file.close() }
        repeat {
            while let data = try file.read(upToCount: 65_536), !data.isEmpty {
                try FileHandle.standardOutput.write(contentsOf: data)
            }
            if follow { try await Task.sleep(for: .milliseconds(200)) }
        } while follow
    }
}
