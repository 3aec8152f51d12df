/// Times and bounds of a connection.
package struct AMQPLimits: Sendable, Hashable {
    /// How long connecting may take, and how long the login after it.
    package var connectTimeout: Duration = .seconds(5)
    /// For how long a call waits for a server that answers nothing, confirms nothing or takes nothing.
    package var callTimeout: Duration = .seconds(5)
    /// What the server is asked for; it may answer with less. Either side sends something at least every half of it and
    /// gives the connection up after twice as long.
    package var heartbeatSeconds: Int32 = 30
    /// The most messages that are published and not confirmed yet.
    package var maximumUnconfirmed = 1_024
    /// About the most bytes of bodies that are published and not confirmed yet.
    package var maximumUnconfirmedBytes = 1 << 20

    /// Makes the default limits.
    package init() {}
}
