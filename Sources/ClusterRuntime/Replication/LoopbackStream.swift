import PeerProtocol
import RuntimePorts
import Synchronization

/// The two ends of a stream between a replica and an owner on one node: messages are handed over as they are.
enum LoopbackStream {
    /// Connects a replica's handler with an owner that has accepted it; returns the replica's end.
    static func connect(
        attach: @Sendable (OwnerStream) -> @Sendable (PeerStreamEvent<ReplicaFrame>) -> Void,
        replica: @escaping @Sendable (PeerStreamEvent<OwnerFrame>) -> Void
    ) -> ReplicaStream {
        let ownerEnd = End<OwnerFrame, ReplicaFrame>(peer: replica)
        let ownerHandler = attach(ownerEnd)
        let replicaEnd = End<ReplicaFrame, OwnerFrame>(peer: ownerHandler)
        ownerEnd.other.withLock { $0 = { [weak replicaEnd] in replicaEnd?.markClosed() } }
        replicaEnd.other.withLock { $0 = { [weak ownerEnd] in ownerEnd?.markClosed() } }
        return replicaEnd
    }

    private final class End<Outgoing: Sendable, Incoming: Sendable>: PeerStream {
        private let peer: @Sendable (PeerStreamEvent<Outgoing>) -> Void
        private let isClosed = Mutex(false)
        let other = Mutex<(@Sendable () -> Void)?>(nil)

        init(peer: @escaping @Sendable (PeerStreamEvent<Outgoing>) -> Void) { self.peer = peer }

        func send(_ message: Outgoing) -> Bool {
            // The handlers only post to mailboxes, so that the lock, which keeps messages and the end in order, is
            // held for moments.
            isClosed.withLock { isClosed in
                if !isClosed { peer(.message(message)) }
                return !isClosed
            }
        }

        // A mailbox takes what is posted at once; there is no wire to hold back.
        func pauseReading() {}
        func resumeReading() {}

        func close() {
            guard markClosed() else { return }
            other.withLock { $0 }?()
            peer(.ended(.closed))
        }

        @discardableResult
        func markClosed() -> Bool {
            isClosed.withLock { isClosed in
                defer { isClosed = true }
                return !isClosed
            }
        }
    }
}
