internal import Foundation

/// Finds the checkout that this program was built from.
package enum PackageRoot {
    /// The nearest directory above the executable, else above the current directory, that holds a `Package.swift`;
    /// the current directory when there is none.
    package static let path: String = {
        let files = FileManager.default
        let executable = (try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for start in [executable, files.currentDirectoryPath] {
            var place = URL(fileURLWithPath: start)
            while place.path != "/" {
                if files.fileExists(atPath: place.appendingPathComponent("Package.swift").path) { return place.path }
                place.deleteLastPathComponent()
            }
        }
        return files.currentDirectoryPath
    }()

    /// The `collab` executable: what `COLLAB_EXECUTABLE` names, this program itself, or the one beside the tests that
    /// run (both are built into the same directory).
    static var collab: String {
        if let named = ProcessInfo.processInfo.environment["COLLAB_EXECUTABLE"], !named.isEmpty { return named }
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: executable).deletingLastPathComponent().appendingPathComponent("collab").path
    }

    /// The editor page's directory, when the checkout has one.
    static var webRoot: String? {
        let place = path + "/Sources/Web"
        return FileManager.default.fileExists(atPath: place) ? place : nil
    }
}
