/// When the next batch of commits should go out to a document's sessions on this node. Microseconds.
///
/// A frame to a session costs a system call here, and one and a wake-up at the client, whatever it holds. With many
/// sessions the frames, not the operations in them, are what a busy document costs; so the more sessions there are, the
/// longer the commits that follow a batch gather before they go out together. A batch after a quiet time never waits.
struct FanOutPace: Sendable {
    /// What a frame is allowed to cost: with a frame for each session in this time, a node spends a part of one core.
    static let microsecondsPerSession: Int64 = 60
    /// The longest that commits gather.
    static let mostMicroseconds: Int64 = 8_000
    /// Waiting less is not worth a timer.
    static let leastMicroseconds: Int64 = 400

    private var nextAt: Int64 = 0

    /// A batch went out to so many sessions.
    mutating func wentOut(to sessions: Int, now: Int64) {
        let pause = min(Int64(sessions) * Self.microsecondsPerSession, Self.mostMicroseconds)
        nextAt = pause < Self.leastMicroseconds ? now : now + pause
    }

    /// How long the next batch should gather from `now` on; 0: it may go out.
    func wait(now: Int64) -> Int64 { max(0, nextAt - now) }
}
