/// What one end of a connection allows the other (RFC 9113, section 6.5.2), and bounds of its own.
package struct HTTP2Settings: Sendable, Hashable {
    /// Streams that the peer may have open at once.
    package var maximumConcurrentStreams: UInt32 = 100_000
    /// Bytes that the peer may send on a stream before they are consumed.
    package var streamWindow: UInt32 = 1 << 20
    /// Bytes that the peer may send on all streams before they are consumed, which happens as they arrive.
    package var connectionWindow: Int32 = 16 << 20
    /// The largest block of header fields that is accepted, in bytes of names and values.
    package var maximumHeaderBytes = 8 << 10
    /// The most header fields that are accepted in one block.
    package var maximumHeaderFields = 64
    /// Streams that the peer may reset at once, and per second after that, before the connection is ended.
    package var resetBurst: UInt64 = 10_000
    package var resetsPerSecond: UInt64 = 1_000

    package init() {}
}
