internal import ArgumentParser
internal import Foundation
internal import LocalCluster

/// `collab cluster status`.
struct ClusterStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what runs, and how many documents each node owns.")

    @OptionGroup var options: ClusterOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let status = try await options.cluster().status()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes, .sortedKeys]
            return Console.line(String(decoding: try encoder.encode(status), as: UTF8.self))
        }
        for node in status.nodes {
            let documents = node.documents.map { "\($0) \($0 == 1 ? "document" : "documents")" } ?? ""
            Console.line("\(node.id)  \(node.state.rawValue)  \(node.url)  \(text(of: node.pid))  \(documents)")
        }
        for server in status.servers {
            Console.line("\(server.name)  \(server.state.rawValue)  \(server.url)  \(text(of: server.pid))")
        }
    }

    private func text(of pid: Int32?) -> String { pid.map { "process \($0)" } ?? "no process" }
}
