/// Which web pages may use a node from a browser: those of the cluster's own nodes, and those that are configured.
///
/// A browser tells the page's origin (RFC 6454) with every WebSocket and every request across origins; other programs
/// send none and are not held back. Without this rule any page that somebody opens could read and write the documents
/// of a cluster that his browser reaches.
package struct OriginPolicy: Sendable {
    private let allowed: Set<String>
    private let allowsAll: Bool
    private let memberURLs: @Sendable () -> [String]

    /// - Parameters:
    ///   - configured: origins such as `https://docs.example.org`; `*` allows every page.
    ///   - memberURLs: the public URLs of the members of the cluster as they are known now, and of late ones.
    package init(configured: [String] = [], memberURLs: @escaping @Sendable () -> [String] = { [] }) {
        allowed = Set(configured.map(Self.normalized))
        allowsAll = configured.contains("*")
        self.memberURLs = memberURLs
    }

    /// Whether the page of an origin may talk to the node that it addressed as `authority` (host and port).
    ///
    /// A page that addressed its own authority is the node's own only where that is an address. A name says nothing: its
    /// owner can have it lead here (DNS rebinding). The names of the cluster are those of its public URLs.
    package func allows(_ origin: String, authority: String?) -> Bool {
        if allowsAll { return true }
        let origin = Self.normalized(origin)
        if let authority, Self.isAddress(authority), let separator = origin.firstRange(of: "://") {
            let own = Self.normalized(origin[..<separator.upperBound] + authority)
            if own == origin { return true }
        }
        return allowed.contains(origin) || memberURLs().contains { Self.normalized($0) == origin }
    }

    /// Whether the host of an authority is an IP address or `localhost`.
    private static func isAddress(_ authority: String) -> Bool {
        if authority.hasPrefix("[") { return true }
        let host = authority.prefix { $0 != ":" }.lowercased()
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || (parts.count == 4 && parts.allSatisfy { UInt8($0) != nil })
    }

    private static let schemePorts: [Substring: String] = ["http://": ":80", "https://": ":443"]

    /// Lower case, without a path or the scheme's own port, which browsers leave out, and with one name for the loopback
    /// address.
    private static func normalized(_ url: some StringProtocol) -> String {
        let lowered = url.lowercased()
        guard let separator = lowered.firstRange(of: "://") else { return lowered }
        var authority = lowered[separator.upperBound...].prefix { $0 != "/" }
        if authority == "localhost" || authority.hasPrefix("localhost:") {
            authority = "127.0.0.1" + authority.dropFirst("localhost".count)
        }
        let scheme = lowered[..<separator.upperBound]
        if let port = schemePorts[scheme], authority.hasSuffix(port) {
            authority = authority.dropLast(port.count)
        }
        return String(scheme + authority)
    }
}
