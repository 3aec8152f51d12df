internal import DequeModule
internal import NIOCore

/// One direction of a proxied connection: reads from one socket, keeps what is not due yet, writes to the other.
///
/// Lives on the connection's event loop. What it keeps is bounded: at ``bound`` bytes it stops reading, and the sender's
/// own buffers fill, as on a network.
final class ProxyLane {
    /// How a sender ended.
    enum End { case orderly, reset }

    private struct Chunk {
        var bytes: ByteBuffer
        var due: NIODeadline
    }

    /// What a lane keeps at most, beside what one read brings.
    static let bound = 256 << 10
    /// A throttled lane passes on so many pieces in a second.
    private static let piecesPerSecond = 50

    /// Told of an end that has arrived: the sink's sending side is closed, or both sides are reset.
    var onEnd: ((End) -> Void)?
    private let eventLoop: any EventLoop
    private var source: (any Channel)?
    private var sink: (any Channel)?
    private var condition = LaneCondition()
    private var queue: Deque<Chunk> = []
    private(set) var queuedBytes = 0
    private var end: (how: End, due: NIODeadline)?
    private(set) var hasEnded = false
    /// Whether its sender said that it has no more, and everything before has passed.
    private(set) var endedInOrder = false
    private var isReading = false
    private var lastDue = NIODeadline.uptimeNanoseconds(0)
    /// When a throttled lane is free again.
    private var free = NIODeadline.uptimeNanoseconds(0)
    private var bytesUntilReset: Int?
    private var timer: Scheduled<Void>?

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Names the socket to read from and the one to write to, as far as they are there.
    func connect(source: (any Channel)?, sink: (any Channel)?) {
        self.source = source
        self.sink = sink
        pump()
    }

    /// Takes another condition. What was received before waits no longer than what is received from now on.
    func take(_ condition: LaneCondition) {
        guard condition != self.condition else { return }
        if condition.bytesUntilReset != self.condition.bytesUntilReset { bytesUntilReset = condition.bytesUntilReset }
        self.condition = condition
        if condition.bytesPerSecond == nil {
            let latest = NIODeadline.now() + TimeAmount(condition.delay) + TimeAmount(condition.jitter)
            for index in queue.indices { queue[index].due = min(queue[index].due, latest) }
            if let end { self.end = (end.how, min(end.due, latest)) }
            lastDue = min(lastDue, latest)
            free = lastDue
        }
        pump()
    }

    /// How much may wait here: as much as passes in a quarter of a second where the lane is throttled.
    private var room: Int { condition.bytesPerSecond.map { min(Self.bound, max(4_096, $0 / 4)) } ?? Self.bound }

    func received(_ bytes: ByteBuffer) {
        guard !hasEnded else { return }
        var bytes = bytes
        queuedBytes += bytes.readableBytes
        let arrival = dueNow()
        guard let rate = condition.bytesPerSecond else {
            queue.append(Chunk(bytes: bytes, due: arrival))
            return pump()
        }
        let piece = max(1, rate / Self.piecesPerSecond)
        while let part = bytes.readSlice(length: min(piece, bytes.readableBytes)), part.readableBytes > 0 {
            free = max(free, arrival) + .nanoseconds(Int64(part.readableBytes) * 1_000_000_000 / Int64(max(1, rate)))
            queue.append(Chunk(bytes: part, due: free))
            lastDue = max(lastDue, free)
        }
        pump()
    }

    func readCompleted() {
        isReading = false
        pump()
    }

    /// The sender sends no more. It is passed on behind what was sent before.
    func ended(_ how: End) {
        guard end == nil, !hasEnded else { return }
        end = (how, dueNow())
        pump()
    }

    func stop() {
        hasEnded = true
        timer?.cancel()
        onEnd = nil
        queue = []
        source = nil
        sink = nil
    }

    /// When something that is received now arrives: never before what was received earlier.
    private func dueNow() -> NIODeadline {
        var delay = TimeAmount(condition.delay).nanoseconds
        let jitter = TimeAmount(condition.jitter).nanoseconds
        if jitter > 0 { delay += Int64.random(in: 0...jitter) }
        lastDue = max(lastDue, .now() + .nanoseconds(delay))
        return lastDue
    }

    /// Passes on what is due, and reads more if there is room.
    func pump() {
        guard !hasEnded, !condition.isCut else { return }
        if let sink {
            var hasWritten = false
            while let first = queue.first, first.due <= .now(), sink.isWritable {
                queue.removeFirst()
                queuedBytes -= first.bytes.readableBytes
                if let left = bytesUntilReset, first.bytes.readableBytes >= left {
                    return resetInside(first.bytes, after: left, sink)
                }
                bytesUntilReset = bytesUntilReset.map { $0 - first.bytes.readableBytes }
                sink.write(first.bytes, promise: nil)
                hasWritten = true
            }
            if hasWritten { sink.flush() }
            if queue.isEmpty, let end, end.due <= .now() { return finish(end.how, at: sink) }
            armTimer()
        }
        guard let source, end == nil, !isReading, queuedBytes < room else { return }
        isReading = true
        source.read()
    }

    /// Writes the last bytes that still pass, and ends the connection in the middle of what was being sent.
    private func resetInside(_ bytes: ByteBuffer, after count: Int, _ sink: any Channel) {
        hasEnded = true
        timer?.cancel()
        var bytes = bytes
        guard let part = bytes.readSlice(length: count) else { return }
        sink.writeAndFlush(part).assumeIsolated().whenComplete { _ in self.onEnd?(.reset) }
    }

    private func finish(_ how: End, at sink: any Channel) {
        hasEnded = true
        endedInOrder = how == .orderly
        guard how == .orderly else { return onEnd?(how) ?? () }
        // Behind everything that the socket has not taken yet.
        sink.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in self.onEnd?(how) }
    }

    private func armTimer() {
        timer?.cancel()
        timer = nil
        guard let due = queue.first?.due ?? end?.due, due > .now() else { return }
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.pump() }
    }
}
