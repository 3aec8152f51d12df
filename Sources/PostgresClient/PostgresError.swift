/// What a server says about a statement that it refused.
package struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Five characters (PostgreSQL manual, "PostgreSQL Error Codes"); empty when libpq itself made the error.
    package var sqlState: String
    package var message: String
    /// The constraint that was violated, where one was.
    package var constraint: String?

    package init(sqlState: String, message: String, constraint: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
    }

    package var description: String { "\(message) (SQLSTATE \(sqlState))" }
}

/// How a statement can fail. What matters is whether it may have taken effect.
package enum PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The server refused the statement: nothing of it was written.
    case server(ServerError)
    /// The connection was lost after the statement was sent: it took effect, takes effect later, or never does.
    case outcomeUnknown(String)
    /// There is no connection, or too much waits for it: nothing was sent.
    case unavailable(String)
    /// The result is not what the statement promises.
    case malformedResult(String)

    package var description: String {
        switch self {
        case .server(let error): error.description
        case .outcomeUnknown(let reason): "outcome unknown: \(reason)"
        case .unavailable(let reason): "PostgreSQL is not available: \(reason)"
        case .malformedResult(let reason): "malformed result: \(reason)"
        }
    }

    /// The server's error code, where the server refused.
    package var sqlState: String? {
        if case .server(let error) = self { error.sqlState } else { nil }
    }
}
