internal import Foundation
internal import Glibc

/// The one directory that holds everything of a local cluster: what runs, the logs and the data.
package struct RunDirectory: Sendable, Hashable {
    /// The absolute path, without symbolic links once it exists.
    package let path: String

    /// Names a run directory; nothing is made yet.
    package init(_ path: String) {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL
        self.path = absolute.resolvingSymlinksInPath().path
    }

    /// The default: `.run` beside the `Package.swift` above the running executable or the current directory.
    package static var standard: RunDirectory { RunDirectory(PackageRoot.path + "/.run") }

    /// Makes a directory for one test below the system's temporary directory; anybody may enter it, since PostgreSQL
    /// runs under another account than root.
    package static func temporary() throws(LocalClusterError) -> RunDirectory {
        let name = "\(temporaryParent)/\(temporaryPrefix)\(UUID().uuidString.prefix(8).lowercased())"
        try Directories.make(name)
        return RunDirectory(name)
    }

    /// The temporary run directories of all processes of this account.
    static var temporaryOnes: [RunDirectory] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: temporaryParent)) ?? []
        return names.filter { $0.hasPrefix(temporaryPrefix) }.map { RunDirectory("\(temporaryParent)/\($0)") }
    }

    private static var temporaryParent: String { "/tmp" }
    private static var temporaryPrefix: String { "collab-test-\(geteuid())-" }

    /// What has to stand behind a command for it to mean this directory, with the space before it.
    package var option: String { self == .standard ? "" : " --run-directory \(path)" }

    var stateFile: String { path + "/cluster.json" }
    var lockFile: String { path + "/cluster.lock" }
    var logs: String { path + "/logs" }
    var redis: String { path + "/redis" }
    var prometheus: String { path + "/prometheus" }
    var dashboards: String { path + "/dashboards" }
    var rabbitMQ: String { path + "/rabbitmq" }

    /// Keeps others from changing the cluster while the lock lives.
    ///
    /// - Returns: `nil` when another command has it.
    package func lock() throws(LocalClusterError) -> FileLock? {
        try Directories.make(path)
        return try FileLock.take(lockFile)
    }

    /// The log of a process, such as `logs/node-1.log`.
    package func log(of name: String) -> String { "\(logs)/\(name).log" }

    /// The directory in which a node works.
    func node(_ name: String) -> String { "\(path)/nodes/\(name)" }

    /// Where PostgreSQL keeps its files.
    ///
    /// Normally `postgres` in the run directory. Root's checkout may lie where the account `postgres` cannot go
    /// (`/root` is closed); then it is a directory in `/var/tmp` that is named after the run directory, and
    /// `postgres` is a symbolic link to it.
    func postgresDirectory() async throws -> String {
        let inside = path + "/postgres"
        try Directories.make(path)
        if try await ServiceAccount().canEnter(path) { return inside }
        let outside = Self.outsideDirectory(for: path)
        try Directories.make(outside)
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: inside)) != outside {
            try Directories.remove(inside)
            try FileManager.default.createSymbolicLink(atPath: inside, withDestinationPath: outside)
        }
        return outside
    }

    /// Removes the directory and everything in it, and PostgreSQL's files outside of it.
    func remove() throws(LocalClusterError) {
        try Directories.remove(Self.outsideDirectory(for: path))
        try Directories.remove(path)
    }

    private static func outsideDirectory(for path: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "/var/tmp/collab-postgres-\(String(hash, radix: 16))"
    }
}
