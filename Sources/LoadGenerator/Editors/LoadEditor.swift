import CollabClient
import CollabModel
import Delta
import NIOCore
import Randomness

/// One editor of a load, on one event loop: types when its edits are due, whether or not earlier ones are acknowledged,
/// and measures.
final class LoadEditor: SessionObserver {
    let index: Int
    let core: SessionCore
    private let ledger: DocumentLedger
    private let recorder: LoadRecorder
    private var source: (any EditSource)?
    private let tellsPresence: Bool
    private var generator: SplitMix64

    /// When the edits were due that are typed and not submitted, and those of the operation in flight.
    private var buffered: [Int64] = []
    private var inFlight: (id: OperationID, times: [Int64])?

    private var interval: Int64 = 0
    private var due: Int64 = 0
    private var isTyping = false
    private var timer: Scheduled<Void>?
    private var finished: EventLoopPromise<Void>?
    private static let mostAtOnce = 64

    init(
        index: Int, core: SessionCore, ledger: DocumentLedger, recorder: LoadRecorder, source: (any EditSource)?,
        tellsPresence: Bool, seed: UInt64
    ) {
        self.index = index
        self.core = core
        self.ledger = ledger
        self.recorder = recorder
        self.source = source
        self.tellsPresence = tellsPresence
        generator = SplitMix64(seed: seed)
    }

    /// Breaks the circle of session and observer.
    func leave() {
        stopTyping()
        core.close()
        core.observer = nil
    }

    // MARK: Typing

    /// Types from a time on.
    ///
    /// - Parameters:
    ///   - start: no edit is due before, in microseconds of ``LoadClock``.
    ///   - rate: edits in a second, on average.
    /// - Returns: completes when the source has nothing more, or at ``stopTyping()``.
    func startTyping(at start: Int64, rate: Double) -> EventLoopFuture<Void> {
        guard source != nil, rate > 0 else { return core.eventLoop.makeSucceededVoidFuture() }
        let promise = core.eventLoop.makePromise(of: Void.self)
        finished = promise
        isTyping = true
        interval = max(1, Int64(1_000_000 / rate))
        due = start + Int64.random(in: 0...interval, using: &generator)
        schedule()
        return promise.futureResult
    }

    /// Goes on at another rate.
    func change(rate: Double) { interval = max(1, Int64(1_000_000 / rate)) }

    func stopTyping() {
        isTyping = false
        timer?.cancel()
        timer = nil
        finished?.succeed()
        finished = nil
    }

    private func schedule() {
        let editor = NIOLoopBound(self, eventLoop: core.eventLoop)
        timer = core.eventLoop.scheduleTask(deadline: LoadClock.deadline(due)) { editor.value.typeDue() }
    }

    private func typeDue() {
        var typed = 0
        while isTyping, due <= LoadClock.now, typed < Self.mostAtOnce {
            type(due)
            typed += 1
            due += Int64.random(in: interval / 2...interval + interval / 2, using: &generator)
        }
        if isTyping { schedule() }
    }

    private func type(_ due: Int64) {
        guard let content = core.content else { return }
        guard let edit = source?.next(content) else { return stopTyping() }
        recorder.typed(due: due, now: LoadClock.now)
        // The edit may go out, and be told of, before the call returns.
        buffered.append(due)
        if tellsPresence, let cursor = source?.cursor { core.setPresence(Presence(cursor: cursor)) }
        do {
            try core.edit(edit)
        } catch {
            buffered.removeLast()
            recorder.failed("an edit was not taken: \(error)")
        }
    }

    // MARK: Observing

    func submitted(_ id: OperationID, delta: Delta, isResend: Bool) {
        guard inFlight?.id != id else { return recorder.resent() }
        // An operation that goes out under a new id holds the edits of the one that it stands for.
        inFlight = (id, (inFlight?.times ?? []) + buffered)
        buffered = []
        ledger.submitted(id, by: index, mark: delta.insertMark)
    }

    func acknowledged(_ id: OperationID, at version: Version, isExact: Bool) {
        let now = LoadClock.now
        let times = inFlight?.id == id ? inFlight?.times ?? [] : []
        if inFlight?.id == id { inFlight = nil }
        recorder.acknowledged(times, now: now)
        ledger.acknowledged(id, isExact ? version : nil, times: times, now: now)
    }

    func applied(_ version: Version, of client: ClientID) { ledger.applied(version, now: LoadClock.now, recorder) }

    func changed(_ change: Delta) { source?.moved(over: change) }

    func connected(to url: String, isReconnect: Bool) {
        if isReconnect { recorder.reconnected() }
    }

    func disconnected(from url: String, code: UInt16?, reason: String) {
        recorder.note("disconnected from \(url): \(code.map { "\($0) " } ?? "")\(reason)")
    }

    func refused(_ delta: Delta, reason: String) {
        inFlight = nil
        recorder.failed("an edit was refused: \(reason)")
    }

    func failed(_ code: ErrorCode, _ message: String) { recorder.failed("\(code.rawValue): \(message)") }

    func ended(_ code: CloseCode) { recorder.failed("the session was ended with \(code.rawValue)") }
}
