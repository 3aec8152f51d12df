/// What became of a client's connection.
package enum RedisLinkEvent: Sendable {
    /// Connected and logged in.
    case connected
    /// The connection was lost, or an attempt failed; the next attempt is after the given time.
    case disconnected(RedisError, retryingAfter: Duration)
}
