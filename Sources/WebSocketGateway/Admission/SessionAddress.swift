import CollabModel
package import RuntimePorts

/// What a client asks for with the URL and the headers of its upgrade request (protocol.md, "Connecting").
package struct SessionAddress: Sendable, Hashable {
    /// The path component after `/doc/`, decoded.
    package var document: String
    package var token: String?
    package var clientID: String?
    package var version: String?
    package var digest: String?
    package var connection: String?
    package var user: String?
    package var name: String?

    /// The path below which documents are.
    static let prefix = "/doc/"

    /// Reads a request target such as `/doc/ID?user=ann`; `nil` when the path is not one of a document or is not
    /// validly percent-encoded. Of a repeated parameter the first counts.
    package init?(target: String, bearer: String? = nil, claimedUser: String? = nil) {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        guard path.hasPrefix(Self.prefix),
            let document = Self.decoded(path.dropFirst(Self.prefix.count), plusIsSpace: false),
            !document.isEmpty, !document.contains("/")
        else { return nil }
        self.document = document
        user = claimedUser
        let query = target.dropFirst(path.count).drop { $0 == "?" }.prefix { $0 != "#" }
        var seen = Set<Substring>()
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard let value = Self.decoded(pair.dropFirst(name.count).dropFirst(), plusIsSpace: true) else {
                return nil
            }
            guard seen.insert(name).inserted else { continue }
            switch name {
            case "token": token = value
            case "clientId": clientID = value
            case "version": version = value
            case "digest": digest = value
            case "connection": connection = value
            case "user": user = value
            case "name": self.name = value
            default: break
            }
        }
        if let bearer { token = bearer }
    }

    /// Who the client says that it is.
    package var credentials: Credentials { Credentials(token: token, claimedUser: user, claimedName: name) }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes = [UInt8]()
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
