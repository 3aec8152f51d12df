import DocumentCore

/// Replicas' questions for the committed version, which are answered only after the epoch was read in the log, by a
/// reading that began after the question.
///
/// Who asks is about to show the document to a session that may have seen and been acknowledged more, by a successor of
/// this owner that this owner has not heard of. A lease does not exclude that: leases only say when to look for a
/// successor (guarantee G2; the argument is that of a read index, Ongaro's "Consensus: Bridging Theory and Practice",
/// section 6.4).
struct CommittedQuestions: Sendable {
    struct Question: Hashable, Sendable {
        var stream: StreamID
        var message: ReplicaMessage
    }

    /// Asked since the reading that is under way began.
    private var waiting: [Question] = []
    /// Asked before it began; `nil`: none is under way.
    private var reading: [Question]?

    /// Takes a question; a replica has one open at a time, so that there are no more than streams.
    mutating func ask(_ question: Question) { waiting.append(question) }

    /// The stream is gone: nobody waits there.
    mutating func forget(_ stream: StreamID) {
        waiting.removeAll { $0.stream == stream }
        reading?.removeAll { $0.stream == stream }
    }

    /// Whether a reading is to begin now.
    mutating func beginReading() -> Bool {
        guard reading == nil, !waiting.isEmpty else { return false }
        reading = waiting
        waiting = []
        return true
    }

    /// The epoch was read and was ours: these questions may be answered.
    mutating func confirmed() -> [Question] {
        defer { reading = nil }
        return reading ?? []
    }
}
