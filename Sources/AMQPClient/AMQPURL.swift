/// Where a server is and how to log in: what an `amqp://[user:password@]host[:port][/vhost]` URL says.
package struct AMQPURL: Sendable, Hashable {
    package var host: String
    package var port: Int
    package var user: String
    package var password: String
    /// The virtual host.
    package var virtualHost: String

    /// Describes a server; by default as a fresh RabbitMQ is found.
    package init(
        host: String, port: Int = 5672, user: String = "guest", password: String = "guest", virtualHost: String = "/"
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.virtualHost = virtualHost
    }

    /// Reads a URL; user, password and virtual host may be percent-encoded (RFC 3986, section 2.1).
    ///
    /// No path and an empty one mean the virtual host `/`, which may also be written `%2F`.
    ///
    /// - Throws: ``AMQPError`` with code `invalidArgument`; its message does not repeat the URL, which may hold a
    ///   password.
    package init(parsing url: String) throws(AMQPError) {
        if url.hasPrefix("amqps://") { throw Self.invalid("TLS (amqps://) is not supported") }
        guard url.hasPrefix("amqp://") else { throw Self.invalid("it does not begin with amqp://") }
        let rest = url.dropFirst("amqp://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        let path = rest[slash...].dropFirst()
        self.init(host: "")
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at]
            authority = authority[authority.index(after: at)...]
            guard let colon = login.firstIndex(of: ":") else {
                throw Self.invalid("it names a user without a password")
            }
            user = try Self.decoded(login[..<colon], "user")
            password = try Self.decoded(login[login.index(after: colon)...], "password")
            guard !user.isEmpty else { throw Self.invalid("its user is empty") }
        }
        (host, port) = try Self.hostAndPort(authority)
        guard !path.isEmpty else { return }
        guard !path.contains(where: { "/?#".contains($0) }) else {
            throw Self.invalid("what follows the host is not one virtual host (a / in its name is written %2F)")
        }
        virtualHost = try Self.decoded(path, "virtual host")
        guard virtualHost.utf8.count <= 255 else { throw Self.invalid("its virtual host is longer than 255 bytes") }
    }

    private static func hostAndPort(_ text: Substring) throws(AMQPError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw invalid("the [ of its host is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw invalid("its port is not a port") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw invalid("it names no host") }
        guard !host.contains(where: { "%?# \0".contains($0) }) else { throw invalid("its host is not a host") }
        guard let port else { return (String(host), 5672) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port),
            (1...65535).contains(number)
        else { throw invalid("its port is not a port") }
        return (String(host), number)
    }

    private static func decoded(_ text: Substring, _ part: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let first = rest.popFirst().flatMap(nibble), let second = rest.popFirst().flatMap(nibble) else {
                throw invalid("its \(part) has a % that is no escape")
            }
            bytes.append(first << 4 | second)
        }
        // The library takes strings that end at the first zero.
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw invalid("its \(part) is not UTF-8 without U+0000")
        }
        return decoded
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    private static func invalid(_ reason: String) -> AMQPError {
        AMQPError(.invalidArgument, "the AMQP URL cannot be used: \(reason)")
    }
}

extension AMQPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port, without the login.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
