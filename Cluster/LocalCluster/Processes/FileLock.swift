internal import Glibc

/// A lock between processes that is held while this value lives, and given back by the system when the process dies
/// (flock(2)).
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of a file.
    ///
    /// - Returns: `nil` when somebody else holds it, in this process or in another.
    /// - Throws: ``LocalClusterError`` with code `not_permitted` when the file cannot be opened.
    package static func take(_ path: String) throws(LocalClusterError) -> FileLock? {
        let descriptor = try opened(path)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor) }
        _ = close(descriptor)
        return nil
    }

    private static func opened(_ path: String) throws(LocalClusterError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return descriptor }
        throw LocalClusterError(
            code: "not_permitted", message: "\(path) cannot be opened: \(String(cString: strerror(errno)))")
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = close(descriptor) }
}
