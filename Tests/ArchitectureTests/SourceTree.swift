import Foundation

/// The sources of this package, as text.
enum SourceTree {
    struct File: Sendable, CustomStringConvertible {
        /// The path from the package's root.
        let path: String
        let lines: [Substring]

        var description: String { path }
        var name: String { path.split(separator: "/").last.map(String.init) ?? path }
        var text: String { lines.joined(separator: "\n") }

        /// The modules that the file imports.
        var imports: [String] {
            lines.compactMap { line in
                guard line.utf8.contains(UInt8(ascii: "i")), line.contains("import ") else { return nil }
                let match = line.wholeMatch(
                    of:
                        /(?:@\w+(?:\(\w+\))? )*(?:public |package |internal |private |fileprivate )?import (?:(?:class|struct|enum|protocol|func|var|let|typealias) )?(\w+).*/
                )
                return match.map { String($0.1) }
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The directory of a target.
    static func directory(of target: String) -> String {
        switch target {
        case "LocalCluster", "CDetachedProcess": "Cluster/\(target)"
        case "HistoryChecker": "Chaos/Checker"
        case "Nemeses": "Chaos/Nemeses"
        case "ChaosHarness": "Chaos/Harness"
        case "ClusterSimulation": "Chaos/Simulation"
        case "SimulationCommand", "CSimulationHooks": "Chaos/\(target)"
        case "collab-simulate": "Chaos/Simulate"
        default: "Sources/\(target)"
        }
    }

    /// The Swift files below a directory of the package.
    static func files(in directory: String) -> [File] {
        let base = URL(fileURLWithPath: root + "/" + directory).resolvingSymlinksInPath().path
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            guard let text = try? String(contentsOfFile: "\(base)/\(name)", encoding: .utf8) else { return nil }
            return File(
                path: "\(directory)/\(name)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// Every Swift file of the package.
    static var all: [File] { ["Sources", "Tests", "Cluster", "Chaos"].flatMap { files(in: $0) } }

    /// Every Swift file that is not a test.
    static var program: [File] { ["Sources", "Cluster", "Chaos"].flatMap { files(in: $0) } }
}
