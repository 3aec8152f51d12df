import CollabModel
import DocumentCore
import URLSyntax

/// Where a node is reached: a parsed `ws`, `wss`, `http` or `https` URL.
struct NodeEndpoint: Sendable, Hashable {
    let url: String
    let host: String
    let port: Int
    let isSecure: Bool
    /// The path below which the node's own paths are; without a slash at its end.
    let basePath: String

    init(_ url: String) throws(SessionError) {
        self.url = url
        let schemes = [("ws://", false), ("wss://", true), ("http://", false), ("https://", true)]
        guard let (scheme, secure) = schemes.first(where: { url.hasPrefix($0.0) }) else { throw .invalidURL(url) }
        isSecure = secure
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var path = rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" }
        while path.last == "/" { path = path.dropLast() }
        basePath = String(path)
        guard let place = try? URLAuthority(authority), place.user == nil else { throw .invalidURL(url) }
        host = place.host
        port = place.port ?? (secure ? 443 : 80)
    }

    /// The `Host` header.
    var authority: String {
        port == (isSecure ? 443 : 80) ? URLAuthority.bracketed(host) : URLAuthority.text(host: host, port: port)
    }

    /// Whether the host is an address rather than a name: addresses are not sent in TLS's server name.
    var isAddress: Bool {
        host.contains(":")
            || host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { UInt8($0) != nil }
    }

    /// The request target of a session (protocol.md, "Connecting").
    func target(
        of document: DocumentID, _ options: SessionOptions, resume: ResumePosition?, as client: ClientID?,
        _ order: ConnectionOrder
    ) -> String {
        var query = ["connection=\(order)"]
        if let client = resume?.clientID ?? client { query.append("clientId=\(client)") }
        if let resume {
            query.append("version=\(resume.version)")
            if let digest = resume.digest { query.append("digest=\(digest)") }
        }
        if let user = options.user { query.append("user=\(PercentEncoding.encode(user))") }
        if let name = options.name { query.append("name=\(PercentEncoding.encode(name))") }
        return "\(basePath)/doc/\(document)?" + query.joined(separator: "&")
    }
}
