internal import Foundation
internal import LocalCluster

/// Wall clocks of single processes that can be set while they run, by libfaketime.
///
/// Each process reads the offset of its clock from a file of its own. The monotonic clock stays as it is: the Swift
/// runtime waits by it, and a process whose monotonic clock is faked stops (tried: it never ends its first sleep).
struct ShiftedClocks: Sendable {
    private let library: String
    private let directory: String

    /// Finds the library, and keeps the files in a directory below `directory`.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_installed`.
    init(in directory: String) throws {
        let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib"]
        let names = places.map { "\($0)/faketime/libfaketimeMT.so.1" }
        guard let library = names.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw LocalClusterError(
                code: "not_installed", message: "libfaketime is not installed (apt-get install faketime)")
        }
        self.library = library
        self.directory = directory + "/clocks"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
    }

    /// What a process needs in its environment to be told its time.
    func environment(of process: String) throws -> [String: String] {
        try shift(process, by: .zero)
        return [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file(of: process), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",
        ]
    }

    /// Sets a process's clock so far from the machine's; it looks within a second.
    func shift(_ process: String, by offset: Duration) throws {
        let seconds = offset.components.seconds
        try Data("\(seconds < 0 ? "" : "+")\(seconds)s\n".utf8).write(to: URL(fileURLWithPath: file(of: process)))
    }

    private func file(of process: String) -> String { "\(directory)/\(process)" }
}
