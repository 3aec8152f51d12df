import CollabModel
import DocumentCore

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
        var name = authority
        var number = secure ? 443 : 80
        let isBracketed = authority.hasPrefix("[")
        let afterName = isBracketed ? authority.drop { $0 != "]" }.dropFirst() : authority.drop { $0 != ":" }
        if isBracketed {
            name = authority.dropFirst().prefix { $0 != "]" }
        } else {
            name = authority.prefix { $0 != ":" }
        }
        if !afterName.isEmpty {
            guard afterName.first == ":", let value = Int(afterName.dropFirst()), (1...65_535).contains(value) else {
                throw .invalidURL(url)
            }
            number = value
        }
        guard !name.isEmpty, !name.contains("@") else { throw .invalidURL(url) }
        host = String(name)
        port = number
    }

    /// The `Host` header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
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
        if let user = options.user { query.append("user=\(Self.escaped(user))") }
        if let name = options.name { query.append("name=\(Self.escaped(name))") }
        return "\(basePath)/doc/\(document)?" + query.joined(separator: "&")
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    private static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
