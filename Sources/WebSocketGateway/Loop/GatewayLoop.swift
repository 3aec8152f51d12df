import CollabModel
import DocumentCore
import JSON
import NIOCore
import RuntimePorts
import Synchronization

/// What a gateway has on one event loop: the post of its sessions, and the wheel that wakes them.
///
/// The runtime posts from any thread; whoever posts first wakes the loop, which then hands out everything that has
/// been posted and has each session write once. So a batch for a thousand sessions costs one wake-up per loop, and a
/// session's events of one turn leave in one write.
// Unchecked: `wheel`, `isTurning`, `sessions` and `scratch` are touched on `eventLoop` only, which every method that does so
// asserts; everything else is immutable or in the mutex.
final class GatewayLoop: @unchecked Sendable {
    enum Item {
        case event(SessionEvent)
        case batch(SharedCommitBatch)
        case close(CloseCode, String)
    }

    private struct Post {
        var handler: NIOLoopBound<SessionHandler>
        var item: Item
    }

    private struct Posted {
        var posts: [Post] = []
        var isScheduled = false
    }

    let eventLoop: any EventLoop
    private let broadcast: @Sendable (CommitBatch, DocumentID?, Int) -> Void
    private let posted = Mutex(Posted())
    private var wheel: LivenessWheel
    private var isTurning = false
    /// The sessions of this loop, so that what waits for their sockets can be asked.
    private var sessions: [ObjectIdentifier: SessionHandler] = [:]
    /// The buffer in which messages are encoded, used again and again.
    private var scratch: [UInt8] = []

    /// What the scratch buffer may keep between messages, in bytes.
    private static let scratchBytes = 1 << 16
    /// How many sessions one turn of the loop asks for what waits for their sockets.
    private static let sessionsAskedAtOnce = 256

    /// - Parameter broadcast: is told of each batch that was handed to the sockets of so many sessions of a document.
    init(
        eventLoop: any EventLoop, tick: TimeAmount,
        broadcast: @escaping @Sendable (CommitBatch, DocumentID?, Int) -> Void = { _, _, _ in }
    ) {
        self.eventLoop = eventLoop
        self.broadcast = broadcast
        wheel = LivenessWheel(tick: tick, now: .now())
    }

    /// Delivers an item to a session of this loop, after everything that was posted before. From any thread.
    func post(_ item: Item, to handler: NIOLoopBound<SessionHandler>) {
        let wakes = posted.withLock { posted in
            posted.posts.append(Post(handler: handler, item: item))
            defer { posted.isScheduled = true }
            return !posted.isScheduled
        }
        if wakes { eventLoop.execute { self.deliver() } }
    }

    private func deliver() {
        eventLoop.assertInEventLoop()
        let posts = posted.withLock { posted in
            posted.isScheduled = false
            return exchange(&posted.posts, with: [])
        }
        var touched: [SessionHandler] = []
        // A batch comes to all of its sessions one after the other; one that comes again between others counts again.
        var batches: [(batch: SharedCommitBatch, document: DocumentID?, sessions: Int)] = []
        for post in posts {
            let handler = post.handler.value
            if case .batch(let batch) = post.item {
                if batches.last?.batch === batch {
                    batches[batches.count - 1].sessions += 1
                } else {
                    batches.append((batch, handler.document, 1))
                }
            }
            if handler.take(post.item) { touched.append(handler) }
        }
        for handler in touched { handler.flush() }
        for (batch, document, sessions) in batches { broadcast(batch.batch, document, sessions) }
    }

    // MARK: Sessions

    func enter(_ session: SessionHandler) {
        eventLoop.assertInEventLoop()
        sessions[ObjectIdentifier(session)] = session
    }

    func leave(_ session: SessionHandler) {
        eventLoop.assertInEventLoop()
        sessions[ObjectIdentifier(session)] = nil
    }

    /// The bytes that wait for the sockets of this loop's sessions, which are asked so many in a turn of the loop: one turn
    /// for thousands would hold up everything else on it.
    func outboundBytes() async -> Int {
        let all = try? await eventLoop.submit {
            NIOLoopBound(Array(self.sessions.values), eventLoop: self.eventLoop)
        }.get()
        guard let all else { return 0 }
        var bytes = 0
        var next: Int? = 0
        while let start = next {
            let turn = eventLoop.submit {
                let part = all.value.dropFirst(start).prefix(Self.sessionsAskedAtOnce)
                return (bytes: part.reduce(0) { $0 + $1.bufferedBytes }, next: part.isEmpty ? nil : part.endIndex)
            }
            guard let asked = try? await turn.get() else { return bytes }
            bytes += asked.bytes
            next = asked.next
        }
        return bytes
    }

    /// Encodes one message in the scratch buffer and lends its bytes.
    func encode(_ write: (inout JSONWriter) -> Void, _ body: ([UInt8]) -> Void) {
        eventLoop.assertInEventLoop()
        var writer = JSONWriter(appendingTo: exchange(&scratch, with: []))
        write(&writer)
        var bytes = writer.bytes
        writer = JSONWriter()
        body(bytes)
        guard bytes.capacity <= Self.scratchBytes else { return }
        bytes.removeAll(keepingCapacity: true)
        scratch = bytes
    }

    /// Has ``SessionHandler/wake(now:ticket:)`` called at the deadline or shortly after.
    func wake(_ handler: SessionHandler, ticket: UInt32, at deadline: NIODeadline) {
        eventLoop.assertInEventLoop()
        wheel.insert(LivenessWheel.Entry(handler: handler, ticket: ticket), at: deadline, now: .now())
        scheduleTurn()
    }

    private func scheduleTurn() {
        guard !isTurning, wheel.count > 0 else { return }
        isTurning = true
        _ = eventLoop.scheduleTask(in: wheel.tick) {
            self.isTurning = false
            let now = NIODeadline.now()
            for entry in self.wheel.turn(to: now) { entry.handler.wake(now: now, ticket: entry.ticket) }
            self.scheduleTurn()
        }
    }
}

/// Replaces a value and returns the old one.
func exchange<Value>(_ place: inout Value, with value: consuming Value) -> Value {
    let old = place
    place = value
    return old
}
