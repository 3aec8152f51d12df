internal import ArgumentParser

/// `collab chaos`.
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Tries to break what the cluster promises.",
        subcommands: [ChaosRunCommand.self, ChaosListCommand.self, ChaosCheck.self])
}
