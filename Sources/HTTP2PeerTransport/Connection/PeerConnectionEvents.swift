internal import RuntimePorts

/// What a connection tells its transport, on the event loop.
struct PeerConnectionEvents: Sendable {
    /// The peer speaks HTTP/2: calls can be made.
    var ready: @Sendable () -> Void = {}
    var silenceChanged: @Sendable (_ isSilent: Bool) -> Void = { _ in }
    /// The peer takes no further streams.
    var leaving: @Sendable () -> Void = {}
    /// The last event.
    var closed: @Sendable (PeerFailure) -> Void = { _ in }
}
