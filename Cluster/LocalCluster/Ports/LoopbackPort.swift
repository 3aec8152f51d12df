internal import Glibc

/// Asks the system about ports of 127.0.0.1.
package enum LoopbackPort {
    /// Ports from here on are handed out to outgoing connections by Linux (ip(7), `ip_local_port_range`), so that a
    /// server which is to be found at a known port stays below.
    package static let firstEphemeral = 32_768

    /// Whether a server could listen on `port` now.
    package static func isFree(_ port: Int) -> Bool {
        guard (1..<65_536).contains(port) else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        return withLoopbackAddress(port: port) { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 1) == 0
    }

    /// Checks that all these ports are free.
    ///
    /// - Throws: ``LocalClusterError`` with code `port_taken`, which names the first that is taken and what it is for.
    static func requireFree(_ ports: [(port: Int, purpose: String, flag: String)]) throws(LocalClusterError) {
        for (port, purpose, flag) in ports where !isFree(port) {
            throw LocalClusterError(
                code: "port_taken",
                message: "port \(port), wanted for \(purpose), is taken by another program; choose another with \(flag)"
            )
        }
    }
}
