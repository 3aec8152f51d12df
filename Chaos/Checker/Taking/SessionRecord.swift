/// One connection, as far as it has gone.
struct SessionRecord: Sendable {
    let name: String
    /// The index of its document.
    let document: Int
    /// The index of its user in the document's ledger.
    let user: Int
    /// The index of its node in the meter of gaps.
    let node: Int
    let openedAt: Int64
    let openedLine: Int
    /// The highest version that its client had seen when it was opened: it must not be shown less.
    var floor = 0
    /// The highest version that anybody had been acknowledged when it was opened.
    let headWhenOpened: Int
    /// The index of its client in the document's ledger.
    var client: Int?
    var isOpen = true
    /// Whether its first message has come.
    var isStarted = false
    /// The last version that it was told.
    var seen = 0
    /// Up to here its acks may repeat what it was told as content or in a catch-up.
    var repeatable = 0
    /// What it was last told that it may do.
    var permission: HistoryEvent.Permission?
    /// The operations that it has sent and that are not answered, by their index in the document's ledger.
    var unanswered: [Int] = []

    /// What the next version means to a session that has seen all up to ``seen``.
    enum Step {
        case next
        /// Versions between were left out.
        case gap(after: Int)
        /// It has been told already.
        case again
    }

    /// Goes on to a version; after a gap too, so that one gap is reported once.
    mutating func advance(to version: Int) -> Step {
        guard version > seen else { return .again }
        let before = seen
        seen = version
        return version == before + 1 ? .next : .gap(after: before)
    }
}
