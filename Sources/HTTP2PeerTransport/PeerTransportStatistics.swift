internal import Synchronization

/// Counts of a transport, for metrics. Read on any thread.
package final class PeerTransportStatistics: Sendable {
    private let streams = Atomic<Int>(0)
    private let connections = Atomic<Int>(0)
    private let overflows = Atomic<Int>(0)
    private let queued = Atomic<Int>(0)

    init() {}

    /// Streams to and from peers that are open now.
    package var openStreams: Int { streams.load(ordering: .relaxed) }
    /// Connections that are open now, of both directions.
    package var openConnections: Int { connections.load(ordering: .relaxed) }
    /// Streams that ended because too much waited to be sent, since the start.
    package var overflowedStreams: Int { overflows.load(ordering: .relaxed) }

    /// Bytes of all streams that wait to be sent.
    package var queuedBytes: Int { queued.load(ordering: .relaxed) }

    func queued(_ bytes: Int) { queued.add(bytes, ordering: .relaxed) }
    func took(_ bytes: Int) { queued.subtract(bytes, ordering: .relaxed) }
    func streamOpened() { streams.add(1, ordering: .relaxed) }
    func streamEnded() { streams.subtract(1, ordering: .relaxed) }
    func streamOverflowed() { overflows.add(1, ordering: .relaxed) }
    func connectionOpened() { connections.add(1, ordering: .relaxed) }
    func connectionClosed() { connections.subtract(1, ordering: .relaxed) }
}
