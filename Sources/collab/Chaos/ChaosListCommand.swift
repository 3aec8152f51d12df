internal import ArgumentParser
internal import ChaosHarness
internal import Nemeses

/// `collab chaos list`.
struct ChaosListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the scenarios, and what can be done to a cluster.")

    @Flag(help: "List the kinds of faults that a scenario may name, with their keys.") var faults = false

    func run() throws {
        if faults {
            for kind in FaultKind.allCases {
                let keys = FaultParameter.allCases.filter { kind.parameters.contains($0) }.map {
                    kind.requiredParameters.contains($0) ? $0.rawValue : "[\($0.rawValue)]"
                }
                Console.line("\(Self.padded(kind.rawValue, 22))\(kind.summary)")
                if !keys.isEmpty { Console.line(Self.padded("", 24) + keys.joined(separator: " ")) }
            }
            return
        }
        for name in ScenarioLibrary.names {
            do {
                Console.line(Self.padded(name, 24) + (try ScenarioLibrary.scenario(name)).summary)
            } catch {
                Console.error("\(error)")
                throw ExitCode.failure
            }
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
