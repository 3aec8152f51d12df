/// Why a text is not the URL, or the part of one, that was asked for.
package enum URLSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It begins with something else than this.
    case otherScheme(String)
    case noHost
    case invalidHost
    case openBracket
    case invalidPort
    /// A percent sign without two digits.
    case invalidEscape
    /// What was encoded is no text.
    case invalidText

    /// A clause about the URL, called `it`.
    package var description: String {
        switch self {
        case .otherScheme(let scheme): "it does not begin with \(scheme)"
        case .noHost: "it names no host"
        case .invalidHost: "its host is not a host"
        case .openBracket: "the [ of its host is not closed"
        case .invalidPort: "its port is not a port"
        case .invalidEscape: "it has a % that is no escape"
        case .invalidText: "what it percent-encodes is not UTF-8 without U+0000"
        }
    }
}
