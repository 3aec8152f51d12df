/// Limits and times of a client and its connection.
package struct RedisConfiguration: Sendable {
    /// How long a connection attempt may take, login included.
    package var connectTimeout: Duration = .seconds(1)
    /// How long a command waits for its reply when the caller says nothing else.
    package var commandTimeout: Duration = .seconds(1)
    /// A connection on which commands are outstanding and nothing was heard for so long is closed as half-open.
    package var silenceLimit: Duration = .seconds(1)
    /// How often a subscriber asks for a sign of life; after three without one it closes its connection.
    package var heartbeatInterval: Duration = .seconds(1)
    /// The most commands that may be queued or in flight.
    package var maximumCommands = 16_384
    /// The most bytes of commands that may be queued or in flight.
    package var maximumCommandBytes = 16 << 20
    package var replyLimits = RedisReplyLimits()
    package var backoff = ReconnectBackoff()
    /// A connection that lived for at least so long resets the backoff.
    package var stableAfter: Duration = .seconds(1)
    /// The source of jitter.
    package var random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    /// The clock of the backoff.
    package var clock: any Clock<Duration> = ContinuousClock()

    /// Makes the default configuration.
    package init() {}
}
