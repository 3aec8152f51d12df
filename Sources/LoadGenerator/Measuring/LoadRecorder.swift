import Synchronization

/// What the editors of one event loop measure.
///
/// An edit counts in the measurement from the time at which it was due: what was due before ``begin(at:)`` is left out.
/// Latencies count from that time too, so that a generator or a server that is late cannot hide it.
final class LoadRecorder: Sendable {
    struct Counts: Sendable {
        /// Edits typed, and of these durable.
        var edits = 0
        var acknowledgedEdits = 0
        /// Operations acknowledged.
        var operations = 0
        var applied = 0
        var errors = 0
        var reconnects = 0
        var resent = 0

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(
                edits: left.edits + right.edits, acknowledgedEdits: left.acknowledgedEdits + right.acknowledgedEdits,
                operations: left.operations + right.operations, applied: left.applied + right.applied,
                errors: left.errors + right.errors, reconnects: left.reconnects + right.reconnects,
                resent: left.resent + right.resent)
        }
    }

    /// Figures of a span of time.
    struct Figures: Sendable {
        var counts = Counts()
        var ack = Latencies()
        var lag = Latencies()
        /// How late the generator itself typed.
        var lateness = Latencies()

        mutating func add(_ other: Figures) {
            counts = counts + other.counts
            ack.add(other.ack)
            lag.add(other.lag)
            lateness.add(other.lateness)
        }

        mutating func reset() {
            counts = Counts()
            ack.reset()
            lag.reset()
            lateness.reset()
        }
    }

    fileprivate struct State {
        var start = Int64.max
        var whole = Figures()
        var second = Figures()
        var reasons: [String: Int] = [:]
    }
    private let state = Mutex(State())
    fileprivate static let mostReasons = 30

    /// Begins a measurement with edits that are due at this time or later; what was measured before is dropped.
    func begin(at start: Int64) {
        state.withLock {
            $0.start = start
            $0.whole.reset()
            $0.second.reset()
        }
    }

    func typed(due: Int64, now: Int64) {
        state.withLock {
            guard due >= $0.start else { return }
            $0.whole.counts.edits += 1
            $0.second.counts.edits += 1
            $0.whole.lateness.record(now - due)
        }
    }

    func acknowledged(_ times: some Sequence<Int64>, now: Int64) {
        state.withLock {
            guard now >= $0.start else { return }
            $0.whole.counts.operations += 1
            $0.second.counts.operations += 1
            for time in times where time >= $0.start {
                $0.whole.counts.acknowledgedEdits += 1
                $0.second.counts.acknowledgedEdits += 1
                $0.whole.ack.record(now - time)
                $0.second.ack.record(now - time)
            }
        }
    }

    /// Another editor has applied an operation with edits that were due at these times.
    func applied(_ times: ArraySlice<Int64>, at now: Int64) {
        state.withLock {
            guard now >= $0.start else { return }
            $0.whole.counts.applied += 1
            for time in times where time >= $0.start {
                $0.whole.lag.record(now - time)
                $0.second.lag.record(now - time)
            }
        }
    }

    func reconnected() { state.withLock { $0.count { counts in counts.reconnects += 1 } } }
    func resent() { state.withLock { $0.count { counts in counts.resent += 1 } } }

    /// An error that the report counts and names.
    func failed(_ reason: String) {
        state.withLock {
            $0.count { counts in counts.errors += 1 }
            $0.note("error: \(reason)")
        }
    }

    /// Something that is no error, but that one wants to know of, such as a lost connection.
    func note(_ reason: String) { state.withLock { $0.note(reason) } }

    var figures: Figures { state.withLock { $0.whole } }
    var reasons: [String: Int] { state.withLock { $0.reasons } }

    /// The figures since the last call.
    func takeSecond() -> Figures {
        state.withLock {
            let second = $0.second
            $0.second.reset()
            return second
        }
    }
}

extension LoadRecorder.State {
    mutating func count(_ body: (inout LoadRecorder.Counts) -> Void) {
        body(&whole.counts)
        body(&second.counts)
    }

    mutating func note(_ reason: String) {
        let key = reasons.count < LoadRecorder.mostReasons || reasons[reason] != nil ? reason : "other"
        reasons[key, default: 0] += 1
    }
}
