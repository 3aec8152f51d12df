/// Why a command has no result.
package struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable names of the causes.
    package enum Code: String, Sendable, CaseIterable {
        /// The URL or a limit makes no sense.
        case invalidConfiguration
        /// There was no connection; nothing was sent.
        case notConnected
        /// Too many commands or bytes are under way; nothing was sent.
        case overloaded
        /// The command is longer than allowed; nothing was sent.
        case tooLarge
        /// No reply came in time. Whether the command was executed is unknown.
        case timedOut
        /// The connection was lost before the reply came. Whether the command was executed is unknown.
        case connectionLost
        /// The server sent what is no reply, or one beyond the limits. Whether the command was executed is unknown.
        case protocolViolation
        /// The server answered with an error.
        case refused
        /// The client was stopped; nothing was sent.
        case closed
    }

    package var code: Code
    /// For people; without secrets.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the command may have been executed although there is no result.
    package var isOutcomeUnknown: Bool {
        switch code {
        case .timedOut, .connectionLost, .protocolViolation: true
        case .invalidConfiguration, .notConnected, .overloaded, .tooLarge, .refused, .closed: false
        }
    }

    package var description: String {
        isOutcomeUnknown ? "\(message); whether it was done is unknown" : message
    }
}
