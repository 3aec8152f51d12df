internal import RuntimePorts
internal import Synchronization

/// A document's stream as other threads see it: what waits, and whether it is open.
final class StreamHandle: Sendable {
    private enum State: UInt8 {
        case open
        /// Ended by us: nothing is delivered any more.
        case closed
        /// Too much waited: only the end is still to be delivered.
        case overflowed
    }

    let id: UInt64
    private let connection: PeerConnection
    private let boundBytes: Int
    private let maximumMessageBytes: Int
    private let queuedBytes = Atomic<Int>(0)
    private let state = Atomic<UInt8>(State.open.rawValue)
    private let reading = Atomic<Bool>(true)
    private let statistics: PeerTransportStatistics

    init(
        connection: PeerConnection, boundBytes: Int, maximumMessageBytes: Int, statistics: PeerTransportStatistics
    ) {
        self.statistics = statistics
        self.id = connection.makeID()
        self.connection = connection
        self.boundBytes = boundBytes
        self.maximumMessageBytes = maximumMessageBytes
    }

    deinit {
        // What the end of the stream threw away.
        statistics.took(queuedBytes.load(ordering: .relaxed))
    }

    var isOpen: Bool { state.load(ordering: .acquiring) == State.open.rawValue }
    var isReading: Bool { reading.load(ordering: .acquiring) }

    /// Bytes were taken by the codec.
    func took(_ bytes: Int) {
        queuedBytes.subtract(bytes, ordering: .relaxed)
        statistics.took(bytes)
    }
    /// Bytes were queued on the event loop.
    func queued(_ bytes: Int) {
        queuedBytes.add(bytes, ordering: .relaxed)
        statistics.queued(bytes)
    }

    /// Queues a message. The bound counts what waits before it, so that a single large message passes.
    func send(_ bytes: [UInt8]) -> Bool {
        guard isOpen else { return false }
        guard queuedBytes.load(ordering: .relaxed) < boundBytes, bytes.count <= maximumMessageBytes else {
            if leave(.overflowed) { _ = connection.enqueue(.overflow(id)) }
            return false
        }
        queued(bytes.count)
        return connection.enqueue(.write(id, bytes))
    }

    func close() {
        if leave(.closed) { _ = connection.enqueue(.close(id)) }
    }

    func pauseReading() { reading.store(false, ordering: .releasing) }

    func resumeReading() {
        if !reading.exchange(true, ordering: .acquiringAndReleasing) { _ = connection.enqueue(.resume(id)) }
    }

    /// The stream ended from elsewhere. Returns whether the end is to be delivered.
    func end() -> Bool {
        leave(.closed)
            || state.exchange(State.closed.rawValue, ordering: .acquiringAndReleasing) == State.overflowed.rawValue
    }

    private func leave(_ next: State) -> Bool {
        state.compareExchange(
            expected: State.open.rawValue, desired: next.rawValue, ordering: .acquiringAndReleasing
        ).exchanged
    }
}
