internal import URLSyntax

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
        if url.hasPrefix("rediss://") { throw Self.invalid("TLS (rediss://) is not supported") }
        let parsed: ServerURL
        do {
            parsed = try ServerURL(url, scheme: "redis://")
        } catch {
            throw Self.invalid(error.description)
        }
        let (authority, path) = (parsed.authority, parsed.path)
        self.init(host: authority.host, port: authority.port ?? 6379, password: authority.password)
        user = authority.user.flatMap { $0.isEmpty ? nil : $0 }
        guard user == nil || password != nil else { throw Self.invalid("it names a user without a password") }
        if !path.isEmpty {
            guard path.allSatisfy(\.isNumber), let number = Int(path) else {
                throw Self.invalid("what follows the / is not a database number")
            }
            database = number
        }
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidConfiguration, "the Redis URL cannot be used: \(reason)")
    }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port, without the login.
    package var description: String { URLAuthority.text(host: host, port: port) }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
