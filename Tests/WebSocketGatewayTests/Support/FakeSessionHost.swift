import CollabModel
import Delta
import DocumentCore
import RuntimePorts
import Synchronization

/// A runtime that does nothing but tell the test what it is asked.
final class FakeSessionHost: SessionHost {
    private let stream: AsyncStream<FakeSession>
    private let continuation: AsyncStream<FakeSession>.Continuation
    private let onAttach: @Sendable (FakeSession) -> Void

    init(onAttach: @escaping @Sendable (FakeSession) -> Void = { _ in }) {
        (stream, continuation) = AsyncStream.makeStream()
        self.onAttach = onAttach
    }

    func attach(
        _ request: SessionRequest, to document: DocumentID, outbox: any SessionOutbox
    ) -> any SessionInbox {
        let session = FakeSession(request: request, document: document, outbox: outbox)
        onAttach(session)
        continuation.yield(session)
        return session
    }

    /// The next session that a gateway attaches.
    func next() async -> FakeSession {
        var iterator = stream.makeAsyncIterator()
        guard let session = await iterator.next() else { fatalError("the stream of sessions does not end") }
        return session
    }
}

final class FakeSession: SessionInbox {
    enum Call: Hashable, Sendable {
        case submit(OperationID, Version, Delta, Presence?)
        case presence(Version, Presence)
        case resync, full, drained, detached
    }

    let request: SessionRequest
    let document: DocumentID
    let outbox: any SessionOutbox
    /// What is done with a call instead of keeping it for ``next()``.
    let answer = Mutex<(@Sendable (Call) -> Void)?>(nil)
    /// The trace of the last submission.
    let lastTrace = Mutex<TraceContext?>(nil)
    private let stream: AsyncStream<Call>
    private let continuation: AsyncStream<Call>.Continuation

    init(request: SessionRequest, document: DocumentID, outbox: any SessionOutbox) {
        self.request = request
        self.document = document
        self.outbox = outbox
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// The next call of the gateway; `nil` after the last.
    func next() async -> Call? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }

    func submit(_ id: OperationID, base: Version, _ delta: Delta, _ presence: Presence?, trace: TraceContext?) {
        lastTrace.withLock { $0 = trace }
        let call = Call.submit(id, base, delta, presence)
        if let answer = answer.withLock({ $0 }) { answer(call) } else { continuation.yield(call) }
    }
    func presence(_ version: Version, _ presence: Presence) { continuation.yield(.presence(version, presence)) }
    func requestResync() { continuation.yield(.resync) }
    func outboxFull() { continuation.yield(.full) }
    func outboxDrained() { continuation.yield(.drained) }
    func detach() {
        continuation.yield(.detached)
        continuation.finish()
    }

    /// The state of a document that holds the text.
    func state(_ text: String, version: Int64 = 0, last: OperationID? = nil) throws -> SessionState {
        var delta = Delta()
        delta.insert(text, attributes: [:])
        let content = try DocumentContent(delta)
        return SessionState(
            clientID: request.clientID, version: Version(version), content: content, digest: content.digest,
            clients: [],
            permission: request.permission, lastOperationID: last)
    }
}

/// An operation of a client as the log has it.
func committed(_ version: Int64, _ client: ClientID, _ id: String, _ text: String = "x") -> CommittedOperation {
    var delta = Delta()
    delta.insert(text, attributes: [:])
    return CommittedOperation(
        version: Version(version), epoch: Epoch(1), clientID: client, userID: UserID("ann")!,
        operationID: OperationID(id)!, delta: delta, encodedDelta: delta.jsonUTF8, digest: DocumentContent().digest)
}
