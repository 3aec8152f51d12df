/// Where a Redis is and how to log in: what a `redis://[[user]:password@]host[:port][/database]` URL says.
package struct RedisEndpoint: Sendable, Hashable {
    package var host: String
    package var port: Int
    /// The user of Redis's access control list; `nil`: the default user.
    package var user: String?
    package var password: String?
    /// The number of the database to select.
    package var database: Int

    /// Describes an endpoint.
    package init(host: String, port: Int = 6379, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads a URL; user and password may be percent-encoded (RFC 3986, section 2.1).
    ///
    /// - Throws: ``RedisError`` with code `invalidConfiguration`; its message does not repeat the URL, which may hold
    ///   a password.
    package init(url: String) throws(RedisError) {
        guard url.hasPrefix("redis://") else {
            throw Self.invalid("it does not begin with redis:// (TLS, rediss://, is not supported)")
        }
        let rest = url.dropFirst("redis://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        let path = rest[slash...].dropFirst()
        self.init(host: "")
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at]
            authority = authority[authority.index(after: at)...]
            let colon = login.firstIndex(of: ":") ?? login.endIndex
            let name = try Self.decoded(login[..<colon])
            user = name.isEmpty ? nil : name
            password = colon == login.endIndex ? nil : try Self.decoded(login[login.index(after: colon)...])
            guard user == nil || password != nil else { throw Self.invalid("it names a user without a password") }
        }
        (host, port) = try Self.hostAndPort(authority)
        if !path.isEmpty {
            guard path.allSatisfy(\.isNumber), let number = Int(path) else {
                throw Self.invalid("what follows the / is not a database number")
            }
            database = number
        }
    }

    private static func hostAndPort(_ text: Substring) throws(RedisError) -> (String, Int) {
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
        guard let port else { return (String(host), 6379) }
        guard let number = Int(port), (1...65535).contains(number) else { throw invalid("its port is not a port") }
        return (String(host), number)
    }

    private static func decoded(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let first = rest.popFirst(), let second = rest.popFirst(),
                let value = UInt8(String(decoding: [first, second], as: UTF8.self), radix: 16)
            else { throw invalid("its login has a % that is no escape") }
            bytes.append(value)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidConfiguration, "the Redis URL cannot be used: \(reason)")
    }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port, without the login.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
