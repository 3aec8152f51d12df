package import CollabModel
package import Delta
package import DocumentCore
import Synchronization

/// What a gateway gives the runtime to reach one session. Called from any thread, in order; never blocks.
package protocol SessionOutbox: AnyObject, Sendable {
    func send(_ event: SessionEvent)
    /// Durable operations of other clients. The session's own are not in it, so that one encoding serves all sessions.
    func send(_ batch: SharedCommitBatch)
    /// Sends what was sent before, then closes. Further events are ignored.
    func close(_ code: CloseCode, _ reason: String)
}

/// What the runtime gives a gateway for one session. Called from the session's event loop; never blocks.
package protocol SessionInbox: Sendable {
    /// - Parameter trace: the trace that the operation belongs to; `nil` while nobody traces.
    func submit(_ id: OperationID, base: Version, _ delta: Delta, _ presence: Presence?, trace: TraceContext?)
    func presence(_ version: Version, _ presence: Presence)
    func requestResync()
    /// What waits to be written to the session passed its bound: nothing more is to be sent until ``outboxDrained()``.
    func outboxFull()
    func outboxDrained()
    /// The session is over. The last call.
    func detach()
}

/// Opens sessions on documents.
package protocol SessionHost: Sendable {
    /// Begins a session. Never blocks: the first event (`initial`, `catchUp` or `resync`) comes through `outbox` when
    /// the document is there. A document that does not exist, or cannot be had, closes the outbox
    /// (``CloseCode/notFound``, ``CloseCode/deleted``, ``CloseCode/overloaded``).
    func attach(_ request: SessionRequest, to document: DocumentID, outbox: any SessionOutbox) -> any SessionInbox
}

/// A batch on its way to many sessions of one node, with the bytes that all of them are sent (architecture.md,
/// "Fan-out"): the first gateway that needs them makes them.
package final class SharedCommitBatch: Sendable {
    package let batch: CommitBatch
    private let bytes = Mutex<[UInt8]?>(nil)

    package init(_ batch: CommitBatch) { self.batch = batch }

    /// The encoded form; `make` runs at most once for a batch, whichever session asks first.
    package func encoded(_ make: (CommitBatch) -> [UInt8]) -> [UInt8] {
        bytes.withLock { bytes in
            if let bytes { return bytes }
            let made = make(batch)
            bytes = made
            return made
        }
    }
}
