internal import PeerProtocol
internal import RuntimePorts

/// The port's stream: encodes on the caller's thread, so that the event loop only moves bytes.
final class HTTP2PeerStream<Outgoing: PeerFramed>: PeerStream {
    private let handle: StreamHandle

    init(_ handle: StreamHandle) { self.handle = handle }

    func send(_ message: Outgoing) -> Bool {
        guard handle.isOpen else { return false }
        return handle.send(message.encodedFrame)
    }

    func close() { handle.close() }
    func pauseReading() { handle.pauseReading() }
    func resumeReading() { handle.resumeReading() }
}
