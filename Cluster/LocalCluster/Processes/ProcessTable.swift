internal import Foundation

/// Looks through the processes of this machine.
enum ProcessTable {
    /// The programs that a local cluster starts; nothing else is ever taken for one of its processes.
    private static let programs: Set<String> = [
        "postgres", "redis-server", "redis-check-rdb", "prometheus", "collab", "beam.smp", "epmd",
    ]

    /// Finds the processes of a local cluster that work in `directory` or below it, whoever started them.
    ///
    /// A postmaster that was killed leaves its backends behind, and a command that was killed leaves what it had
    /// started and not yet written down; both work inside the run directory.
    ///
    /// - Parameter name: only those that execute this program; `nil`: all.
    static func processes(workingIn directory: String, executing name: String? = nil) -> [ProcessIdentity] {
        let files = FileManager.default
        guard let entries = try? files.contentsOfDirectory(atPath: "/proc") else { return [] }
        return entries.compactMap { entry in
            guard let pid = Int32(entry),
                let working = try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd"),
                working == directory || working.hasPrefix(directory + "/"),
                let program = try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
            else { return nil }
            let executable = program.split(separator: "/").last?.split(separator: " ").first.map(String.init) ?? ""
            guard programs.contains(executable), name == nil || name == executable else { return nil }
            return ProcessIdentity(runningAs: pid)
        }
    }
}
