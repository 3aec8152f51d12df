import CollabModel
import Synchronization

/// What is known of one document's operations while the load runs: which were submitted and acknowledged, and when the
/// edits in them were due, so that the other editors can tell how long they took to arrive.
///
/// The messages of the protocol tell others a version, not an operation id. The author learns the version with the ack,
/// which may be later than others apply it: until then their times wait.
final class DocumentLedger: Sendable {
    /// An operation that an editor of this load has sent.
    struct Submitted: Sendable, Hashable {
        var editor: Int
        /// A hash of the text that it inserts, which no transformation changes: the mark by which the text is found.
        var mark: UInt64
        var isAcknowledged = false
    }

    private struct Entry {
        var start: Int
        var count: Int
    }
    private struct State {
        /// From the first version after ``base`` on.
        var entries: [Entry?] = []
        var times: [Int64] = []
        /// When versions were applied whose author has not been told yet, and by editors of which recorder.
        var early: [Int64: [(Int64, LoadRecorder)]] = [:]
        var submitted: [OperationID: Submitted] = [:]
        var gaps = Gaps()
    }
    private let base: Version
    private let state = Mutex(State())

    init(after base: Version) { self.base = base }

    func submitted(_ id: OperationID, by editor: Int, mark: UInt64) {
        state.withLock { $0.submitted[id] = Submitted(editor: editor, mark: mark) }
    }

    /// An operation is durable. `version` is `nil` where the server did not say exactly which.
    func acknowledged(_ id: OperationID, _ version: Version?, times: [Int64], now: Int64) {
        state.withLock { state in
            state.submitted[id]?.isAcknowledged = true
            state.gaps.acknowledged(at: now)
            guard let version, version > base else { return }
            let index = base.distance(to: version) - 1
            while state.entries.count <= index { state.entries.append(nil) }
            guard state.entries[index] == nil else { return }
            state.entries[index] = Entry(start: state.times.count, count: times.count)
            state.times += times
            for (time, recorder) in state.early.removeValue(forKey: version.value) ?? [] {
                recorder.applied(times[...], at: time)
            }
        }
    }

    /// An editor other than the author has applied the version.
    func applied(_ version: Version, now: Int64, _ recorder: LoadRecorder) {
        guard version > base else { return }
        state.withLock { state in
            let index = base.distance(to: version) - 1
            guard index < state.entries.count, let entry = state.entries[index] else {
                state.early[version.value, default: []].append((now, recorder))
                return
            }
            recorder.applied(state.times[entry.start..<entry.start + entry.count], at: now)
        }
    }

    func begin(at time: Int64) { state.withLock { $0.gaps = Gaps(start: time) } }
    func end(at time: Int64) { state.withLock { $0.gaps.end(at: time) } }
    /// The longest time without any ack, in microseconds.
    var gap: Int64 { state.withLock { $0.gaps.longest } }
    /// The same since the last call.
    func takeSecondGap(now: Int64) -> Int64 { state.withLock { $0.gaps.takeSecond(now: now) } }
    var operations: [OperationID: Submitted] { state.withLock { $0.submitted } }
}

/// The longest time in which no operation of a document was acknowledged to anybody (guarantees.md, "Gap").
struct Gaps: Sendable {
    private var last: Int64?
    private(set) var longest: Int64 = 0
    private var longestOfSecond: Int64 = 0
    private var isOver = false

    init() { isOver = true }
    init(start: Int64) { last = start }

    mutating func acknowledged(at now: Int64) {
        guard !isOver, let last, now >= last else { return }
        note(now - last)
        self.last = now
    }

    /// The load ends: what has waited until now counts, what comes later does not.
    mutating func end(at now: Int64) {
        acknowledged(at: now)
        isOver = true
    }

    mutating func takeSecond(now: Int64) -> Int64 {
        let open = last.map { max(0, now - $0) } ?? 0
        defer { longestOfSecond = 0 }
        return max(longestOfSecond, isOver ? 0 : open)
    }

    private mutating func note(_ gap: Int64) {
        longest = max(longest, gap)
        longestOfSecond = max(longestOfSecond, gap)
    }
}
