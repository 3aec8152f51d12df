/// Somebody who waits for an answer, and gets exactly one.
///
/// Sound although unchecked: a simulation has one thread.
final class PendingAnswer<Answer: Sendable>: @unchecked Sendable {
    private var continuation: CheckedContinuation<Answer, Never>?
    private var early: Answer?
    private(set) var isAnswered = false
    /// Called when it is answered, by whomever.
    var onAnswer: (() -> Void)?

    /// Waits; `start` begins what leads to the answer.
    func wait(_ start: () -> Void) async -> Answer {
        start()
        return await withCheckedContinuation { continuation in
            if let early {
                self.early = nil
                continuation.resume(returning: early)
            } else {
                self.continuation = continuation
            }
        }
    }

    /// Answers; `false`: somebody else has.
    @discardableResult
    func answer(_ answer: Answer) -> Bool {
        guard !isAnswered else { return false }
        isAnswered = true
        if let continuation {
            self.continuation = nil
            continuation.resume(returning: answer)
        } else {
            early = answer
        }
        let tell = onAnswer
        onAnswer = nil
        tell?()
        return true
    }
}
