public import CollabModel
public import Delta

/// A message of a client (protocol.md, "Client to server").
public enum ClientFrame: Hashable, Sendable {
    /// An edit based on a version, where the client is after it, and the trace that it is a part of.
    case operation(OperationID, base: Version, Delta, Presence?, TraceContext? = nil)
    /// Where the client's caret is; `nil`: nowhere.
    case cursor(Version, Int?)
    /// What the client has selected; `nil`: nothing.
    case selection(Version, SelectionRange?)
    case resync
    case ping
}
