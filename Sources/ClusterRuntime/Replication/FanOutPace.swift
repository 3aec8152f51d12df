/// When the next batch of commits should go out to a document's sessions on this node. Times in microseconds.
///
/// A frame to a session costs a system call here, and one and a wake-up at the client, whatever it holds. In a busy
/// document with many sessions the frames, not the operations in them, are what costs. So frames are paid from an
/// allowance that grows with time: while it lasts, every batch goes out at once; when it is used up, commits gather
/// until there is some again, and go out together.
struct FanOutPace: Sendable {
    /// Frames that a document may cost on one node in a second before its commits begin to gather.
    static let framesPerSecond: Int64 = 6_000
    /// The allowance that is saved up: what a burst after a quiet time may use at once.
    static let savedMicroseconds: Int64 = 50_000
    /// The longest that commits gather.
    static let mostMicroseconds: Int64 = 8_000

    /// When everything that went out is paid for. Before `now`: the difference is saved up.
    private var paidAt: Int64 = .min / 2

    /// A batch went out to so many sessions.
    mutating func wentOut(to sessions: Int, now: Int64) {
        let cost = Int64(sessions) * 1_000_000 / Self.framesPerSecond
        paidAt = min(max(paidAt, now - Self.savedMicroseconds) + cost, now + Self.mostMicroseconds)
    }

    /// How long the next batch should gather from `now` on; 0: it may go out.
    func wait(now: Int64) -> Int64 { max(0, paidAt - now) }
}
