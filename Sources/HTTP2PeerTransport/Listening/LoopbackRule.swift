internal import NIOCore

/// Without TLS, whoever reaches the port can read and write every document. So it must not be reachable from elsewhere.
package enum LoopbackRule {
    /// Whether nobody but this host can reach the address. A name other than `localhost` is taken to be reachable.
    package static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return false }
        switch address {
        case .v4: return address.ipAddress?.hasPrefix("127.") == true
        case .v6: return address.ipAddress == "::1"
        case .unixDomainSocket: return true
        }
    }
}
