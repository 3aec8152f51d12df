public import CollabModel

/// Why a request to a session fails.
public enum SessionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The URL is none of `ws`, `wss`, `http` or `https` with a host.
    case invalidURL(String)
    /// The document has not arrived yet.
    case notReady
    /// The user may not edit.
    case forbidden
    /// The edit does not fit the document; the reason is for people.
    case invalidEdit(String)
    /// What was waited for did not happen in time.
    case timedOut
    /// The server ended the session for good.
    case ended(CloseCode)
    /// The application closed the session.
    case closed

    public var description: String {
        switch self {
        case .invalidURL(let text): "not a URL of a node: \(text)"
        case .notReady: "the document has not arrived yet"
        case .forbidden: "the user may not edit this document"
        case .invalidEdit(let reason): "the edit does not fit the document: \(reason)"
        case .timedOut: "timed out"
        case .ended(let code): "the server ended the session with \(code.rawValue) (\(code))"
        case .closed: "the session is closed"
        }
    }
}
