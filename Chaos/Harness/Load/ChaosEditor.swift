internal import CollabClient
internal import CollabModel
internal import Delta
internal import LoadGenerator
internal import NIOCore
internal import Nemeses
internal import Randomness

/// A person who types, on one event loop, whatever happens to the cluster.
final class ChaosEditor: SessionObserver {
    let number: Int
    let core: SessionCore
    let recorder: SessionRecorder
    private let figures: LoadFigures
    private var source: TypingSource
    private let tellsPresence: Bool
    private var random: SplitMix64
    private var inFlight: (id: OperationID, since: Int64)?
    private var interval: Int64 = 0
    private var due: Int64 = 0
    private var isTyping = false
    private var timer: Scheduled<Void>?
    /// Whether it stopped for good.
    private(set) var hasVanished = false

    init(
        number: Int, core: SessionCore, recorder: SessionRecorder, figures: LoadFigures, mix: TypingMix,
        tellsPresence: Bool, seed: UInt64
    ) {
        self.number = number
        self.core = core
        self.recorder = recorder
        self.figures = figures
        self.tellsPresence = tellsPresence
        random = SplitMix64(seed: seed)
        source = TypingSource(seed: random.next(), mix: mix)
    }

    func startTyping(rate: Double) {
        guard !hasVanished else { return }
        isTyping = true
        interval = max(1, Int64(1_000_000 / rate))
        due = HistoryRecorder.now + Int64.random(in: 0...interval, using: &random)
        schedule()
    }

    func stopTyping() {
        isTyping = false
        timer?.cancel()
        timer = nil
    }

    /// Stops for good. The links carry nothing any more, so that the cluster hears nothing of it.
    func vanish() {
        hasVanished = true
        leave()
    }

    /// Ends the session, and the circle of session and observer.
    func leave() {
        stopTyping()
        core.close()
        core.observer = nil
        core.tap = nil
    }

    private func schedule() {
        let editor = NIOLoopBound(self, eventLoop: core.eventLoop)
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, due)) * 1_000)
        timer = core.eventLoop.scheduleTask(deadline: deadline) { editor.value.typeDue() }
    }

    private func typeDue() {
        let now = HistoryRecorder.now
        // Who was held up types on from now, and does not make up for it all at once.
        due = max(due, now - 8 * interval)
        while isTyping, due <= now {
            type()
            due += Int64.random(in: interval / 2...interval + interval / 2, using: &random)
        }
        if isTyping { schedule() }
    }

    private func type() {
        guard let content = core.content, let edit = source.next(content) else { return }
        if tellsPresence { core.setPresence(Presence(cursor: source.cursor)) }
        do {
            try core.edit(edit)
        } catch {
            // Before the first message there is nothing to edit; what the node refuses comes as `refused`.
            if error != .notReady { figures.refused("\(error)") }
        }
    }

    // MARK: Observing

    func submitted(_ id: OperationID, delta: Delta, isResend: Bool) {
        figures.submitted(again: inFlight?.id == id)
        if inFlight?.id != id { inFlight = (id, HistoryRecorder.now) }
    }

    func acknowledged(_ id: OperationID, at version: Version, isExact: Bool) {
        guard let known = inFlight, known.id == id else { return }
        inFlight = nil
        let now = HistoryRecorder.now
        figures.acknowledged(at: now, latency: now - known.since)
    }

    func changed(_ change: Delta) { source.moved(over: change) }

    func connected(to url: String, isReconnect: Bool) {
        if isReconnect { figures.reconnected() }
        if let client = core.clientID { figures.forgetLeaving(of: client) }
    }

    func refused(_ delta: Delta, reason: String) {
        inFlight = nil
        figures.refused(reason)
    }

    func ended(_ code: CloseCode) { figures.ended("\(code.rawValue)") }
}
