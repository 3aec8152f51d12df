import NIOCore

/// A timing wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", scheme 5): one timer per event loop
/// instead of one per session.
///
/// An entry is due at its deadline or at most one tick later. What lies beyond the wheel's span comes up early, and
/// its owner inserts it again; so does an owner whose deadline has moved, which is the rule, since every message of a
/// client moves it.
struct LivenessWheel {
    struct Entry {
        var handler: SessionHandler
        /// An entry counts only while it is the last one that its handler has made.
        var ticket: UInt32
    }

    let tick: TimeAmount
    private var slots = [[Entry]](repeating: [], count: Self.slotCount)
    private var current = 0
    private var turnedAt: NIODeadline
    private(set) var count = 0

    private static let slotCount = 64

    init(tick: TimeAmount, now: NIODeadline) {
        self.tick = tick
        turnedAt = now
    }

    mutating func insert(_ entry: Entry, at deadline: NIODeadline, now: NIODeadline) {
        // Nothing has turned an empty wheel.
        if count == 0 { turnedAt = now }
        let ahead = max(0, (deadline - turnedAt).nanoseconds)
        let ticks = min(max(1, Int((ahead + tick.nanoseconds - 1) / tick.nanoseconds)), Self.slotCount - 1)
        slots[(current + ticks) % Self.slotCount].append(entry)
        count += 1
    }

    /// Turns the wheel to `now` and takes out what has come up.
    mutating func turn(to now: NIODeadline) -> [Entry] {
        var due: [Entry] = []
        while turnedAt + tick <= now, count > 0 {
            turnedAt = turnedAt + tick
            current = (current + 1) % Self.slotCount
            count -= slots[current].count
            due += exchange(&slots[current], with: [])
        }
        return due
    }
}
