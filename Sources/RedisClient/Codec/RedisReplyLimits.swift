/// How much one reply may hold. hiredis itself refuses arrays nested more than seven deep.
package struct RedisReplyLimits: Sendable, Hashable {
    /// The longest reply in bytes on the wire, all of its parts together.
    package var maximumBytes: Int
    /// How many elements all arrays of a reply may have together.
    package var maximumElements: Int

    /// Describes limits; the defaults are 16 MiB and 100,000 elements.
    package init(maximumBytes: Int = 16 << 20, maximumElements: Int = 100_000) {
        self.maximumBytes = maximumBytes
        self.maximumElements = maximumElements
    }
}
