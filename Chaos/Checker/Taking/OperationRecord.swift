internal import Delta

/// What is known of one operation, by its client and its id.
struct OperationRecord: Sendable {
    /// An operation as it was sent: each time that it was sent on another base, or otherwise.
    struct Sending: Sendable {
        let base: Int
        let delta: Delta
        let at: Int64
        let line: Int
    }

    let client: Int
    let id: String
    var first: Sending?
    /// The further ones; mostly none.
    var others: [Sending] = []
    /// Where it was acknowledged first.
    var acknowledgement: Acknowledgement?
    /// Whether it was refused, and not sent again after that.
    var isRefused = false
    /// Whether its first sending was by a session that had been told that it may not edit.
    var isWithoutEdit = false
    /// Its versions in the last reading of the log; more than one is a violation.
    var version: Int?

    struct Acknowledgement: Sendable {
        let version: Int
        let at: Int64
        let line: Int
        let session: Int
    }

    var sendings: [Sending] { first.map { [$0] + others } ?? [] }

    mutating func send(base: Int, _ delta: Delta, at: Int64, line: Int) {
        isRefused = false
        let sending = Sending(base: base, delta: delta, at: at, line: line)
        guard let first else {
            first = sending
            return
        }
        let isKnown = ([first] + others).contains { $0.base == base && $0.delta == delta }
        if !isKnown { others.append(sending) }
    }
}
