/// Why a transport cannot be made or cannot listen.
package struct PeerTransportError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// A setting is outside of what it may be.
        case configuration
        /// The address is reachable from other hosts and mutual TLS is not configured.
        case insecure
        /// A certificate, key or trust root cannot be read or does not fit.
        case tls
        /// The address cannot be bound.
        case bind
    }

    /// Stable across releases.
    package let code: Code
    /// For people.
    package let message: String
    package let cause: (any Error)?
    /// Whether the same call may succeed later: only a taken address can become free.
    package var isRetryable: Bool { code == .bind }

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String {
        cause.map { "\(code.rawValue): \(message) (\($0))" } ?? "\(code.rawValue): \(message)"
    }
}
