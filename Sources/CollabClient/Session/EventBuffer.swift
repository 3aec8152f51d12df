/// Feeds the events of a session to one reader, keeps a bounded number, and says where it left some out.
final class EventBuffer {
    private let continuation: AsyncStream<CollabEvent>.Continuation
    private var missed = 0

    init(_ continuation: AsyncStream<CollabEvent>.Continuation) { self.continuation = continuation }

    func append(_ event: CollabEvent) {
        if missed > 0 {
            guard case .enqueued = continuation.yield(.missed(missed)) else {
                missed += 1
                return
            }
            missed = 0
        }
        if case .dropped = continuation.yield(event) { missed += 1 }
    }

    func finish() { continuation.finish() }
}
