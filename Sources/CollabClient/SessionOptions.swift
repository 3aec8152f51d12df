public import CollabModel
public import NIOSSL

/// How a session connects and behaves. The defaults are those of the protocol (protocol.md, "Closing").
public struct SessionOptions: Sendable {
    /// A JWT, sent as `Authorization: Bearer`; `nil` where the cluster runs without authentication.
    public var token: String?
    /// Who the user is, where the cluster runs without authentication.
    public var user: String?
    /// The name that the others see, where the cluster runs without authentication.
    public var name: String?
    /// The id that an earlier session of this user was given, to be the same client again.
    public var clientID: ClientID?
    /// An operation without an ack is sent again after this long.
    public var resendMilliseconds: Int64 = 5_000
    /// Silence that counts as a lost connection.
    public var silenceMilliseconds: Int64 = 10_000
    /// Silence after which a `ping` asks for a sign of life.
    public var pingMilliseconds: Int64 = 4_000
    /// An operation that was answered `unavailable` or `rate_limited` is tried again after about this long.
    public var retryMilliseconds: Int64 = 500
    /// The first wait when no node could be reached; doubled up to the largest, each with jitter.
    public var backoffMilliseconds: Int64 = 100
    /// The longest wait between two attempts.
    public var backoffMaximumMilliseconds: Int64 = 10_000
    /// A node that has not sent its first message this long after it was called is given up for the next.
    public var openMilliseconds: Int64 = 5_000
    /// The longest message that is taken, in bytes: it holds a whole document.
    public var frameBytes = 256 << 20
    /// Events that wait for a reader of ``CollabSession/events``; more are counted and left out.
    public var bufferedEvents = 4_096
    /// Whether the digest of the document is compared with the server's at every ack; otherwise only when nothing is
    /// pending, where it costs nothing.
    public var verifiesEveryAck = false
    /// How `wss` and `https` URLs are spoken to.
    public var tls = TLSConfiguration.makeClientConfiguration()
    /// The IP address to connect from; `nil` lets the system choose.
    package var sourceHost: String?
    /// Of the jitter and the operation ids; `nil` draws from the system.
    public var seed: UInt64?

    /// Makes the default options.
    public init() {}
}
