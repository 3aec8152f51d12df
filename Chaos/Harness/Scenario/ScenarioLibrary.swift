internal import Foundation
internal import LocalCluster

/// The scenarios of this checkout.
package enum ScenarioLibrary {
    /// Where they are.
    package static var directory: String { PackageRoot.path + "/Chaos/Scenarios" }

    /// Their names, in order.
    package static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Reads the scenario of a name, or of a file.
    package static func scenario(_ name: String) throws(ScenarioError) -> Scenario {
        if names.contains(name) { return try Scenario(contentsOfFile: "\(directory)/\(name).yaml") }
        guard name.hasSuffix(".yaml") else {
            throw ScenarioError("there is no scenario \(name); there are \(names.joined(separator: ", "))")
        }
        return try Scenario(contentsOfFile: name)
    }
}
