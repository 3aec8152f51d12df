internal import Foundation
internal import Glibc

/// A block of free loopback ports that nobody else gets while this value lives.
///
/// Tests that run at the same time, in one process or in several, take different blocks: each block has a lock file
/// that is locked (flock(2)) as long as the block is held. The system gives the lock back when a process dies.
package final class PortBlock: Sendable {
    /// The number of ports in a block.
    package static let size = 24
    /// The ports that are divided into blocks: below the ephemeral ones and away from the defaults of `up`.
    private static let range = 10_008..<15_000

    /// The first port of the block.
    package let first: Int
    private let lock: FileLock

    /// Takes a block in which every port is free.
    ///
    /// - Throws: ``LocalClusterError`` with code `no_ports` when every block is held or used.
    package init() throws(LocalClusterError) {
        let directory = "/tmp/collab-ports-\(geteuid())"
        try Directories.make(directory)
        let count = Self.range.count / Self.size
        let start = Int(getpid()) % count
        for step in 0..<count {
            let first = Self.range.lowerBound + (start + step) % count * Self.size
            guard let lock = try FileLock.take("\(directory)/\(first)"),
                (first..<first + Self.size).allSatisfy(LoopbackPort.isFree)
            else { continue }
            self.first = first
            self.lock = lock
            return
        }
        throw LocalClusterError(code: "no_ports", message: "no block of \(Self.size) free ports in \(Self.range)")
    }

    /// A port of the block; `index` is below ``size``.
    package subscript(index: Int) -> Int {
        precondition((0..<Self.size).contains(index), "a block has \(Self.size) ports")
        return first + index
    }
}
