internal import URLSyntax

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
        let parsed = try Self.parsed(url)
        self.init(host: parsed.authority.host, port: parsed.authority.port ?? 5672)
        if let name = parsed.authority.user {
            guard let password = parsed.authority.password else {
                throw Self.invalid("it names a user without a password")
            }
            guard !name.isEmpty else { throw Self.invalid("its user is empty") }
            user = name
            self.password = password
        }
        guard !parsed.path.isEmpty else { return }
        virtualHost = try Self.virtualHost(of: parsed.path)
    }

    private static func parsed(_ url: String) throws(AMQPError) -> ServerURL {
        do {
            return try ServerURL(url, scheme: "amqp://")
        } catch {
            throw invalid(error.description)
        }
    }

    private static func virtualHost(of path: String) throws(AMQPError) -> String {
        guard !path.contains(where: { "/?#".contains($0) }) else {
            throw invalid("what follows the host is not one virtual host (a / in its name is written %2F)")
        }
        guard !path.contains("@") else {
            throw invalid("its host comes before an @ (a / in a password is written %2F, an @ in a virtual host %40)")
        }
        let name: String
        do {
            name = try PercentEncoding.decodeForC(path)
        } catch {
            throw invalid(error.description)
        }
        guard name.utf8.count <= 255 else { throw invalid("its virtual host is longer than 255 bytes") }
        return name
    }

    private static func invalid(_ reason: String) -> AMQPError {
        AMQPError(.invalidArgument, "the AMQP URL cannot be used: \(reason)")
    }
}

extension AMQPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port, without the login.
    package var description: String { URLAuthority.text(host: host, port: port) }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
