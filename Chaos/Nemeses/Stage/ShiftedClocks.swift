internal import Foundation
internal import LocalCluster

/// Wall clocks of single processes that can be set while they run, by libfaketime.
///
/// Each process reads the offset of its clock from a file of its own. The monotonic clock stays as it is: the Swift
/// runtime waits by it, and a process whose monotonic clock is faked stops (tried: it never ends its first sleep).
package struct ShiftedClocks: Sendable {
    private let library: String
    private let directory: String
    /// With what the names of this run's shared memory begin.
    private let prefix: String

    /// Whether libfaketime is installed.
    package static var areAvailable: Bool { installed != nil }

    private static var installed: String? {
        let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib"]
        return places.map { "\($0)/faketime/libfaketimeMT.so.1" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }

    /// Finds the library, and keeps the files in a directory below `directory`.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_installed`.
    init(in directory: String) throws {
        guard let library = Self.installed else {
            throw LocalClusterError(
                code: "not_installed", message: "libfaketime is not installed (apt-get install faketime)")
        }
        self.library = library
        self.directory = directory + "/clocks"
        prefix = "collab-faketime-\(URL(fileURLWithPath: directory).lastPathComponent)-"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
    }

    /// What a process needs in its environment to be told its time.
    func environment(of process: String) throws -> [String: String] {
        try shift(process, by: .zero)
        // The C library's allocator goes before Redis's: jemalloc asks for the time while libfaketime is being set up,
        // which it does not survive.
        let preloaded = process == "redis" ? "\(library) libc.so.6" : library
        // Names of its shared memory are given: libfaketime would note ones of its own in the environment, which moves
        // it, and the Swift runtime finds a program's arguments beside its environment. They are others at every start,
        // because a life that ends removes them when the next has begun.
        return [
            "LD_PRELOAD": preloaded, "FAKETIME_TIMESTAMP_FILE": file(of: process), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1", "FAKETIME_SHARED": "/\(shared(process, "sem")) /\(shared(process, "shm"))",
        ]
    }

    /// Removes the semaphores and shared memory that killed processes have left.
    func removeShared() {
        let places = "/dev/shm"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: places)) ?? []
        where name.hasPrefix(prefix) || name.hasPrefix("sem.\(prefix)") {
            try? FileManager.default.removeItem(atPath: "\(places)/\(name)")
        }
    }

    /// Sets a process's clock so far from the machine's; it looks within a second.
    func shift(_ process: String, by offset: Duration) throws {
        let seconds = offset.components.seconds
        try Data("\(seconds < 0 ? "" : "+")\(seconds)s\n".utf8).write(to: URL(fileURLWithPath: file(of: process)))
    }

    private func file(of process: String) -> String { "\(directory)/\(process)" }

    private func shared(_ process: String, _ kind: String) -> String {
        "\(prefix)\(process)-\(Program.startMark)-\(kind)"
    }
}
