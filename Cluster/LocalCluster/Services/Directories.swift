internal import Foundation

/// Makes and removes directories.
enum Directories {
    /// Makes a directory and its parents, if they are not there.
    static func make(_ path: String) throws(LocalClusterError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw LocalClusterError(code: "not_permitted", message: "the directory \(path) cannot be made: \(error)")
        }
    }

    /// Removes a directory with all that it holds, if it is there.
    static func remove(_ path: String) throws(LocalClusterError) {
        guard FileManager.default.fileExists(atPath: path) || isLink(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw LocalClusterError(code: "not_permitted", message: "\(path) cannot be removed: \(error)")
        }
    }

    private static func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}
