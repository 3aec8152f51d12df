/// A message to publish. It is persistent: a durable queue keeps it over a restart of the server.
package struct AMQPMessage: Sendable, Hashable {
    /// At most 255 bytes of UTF-8.
    package var routingKey: String
    /// At most 255 bytes of UTF-8.
    package var id: String
    /// At most 255 bytes of UTF-8.
    package var contentType: String
    /// Seconds since 1970.
    package var timestampSeconds: UInt64
    package var body: [UInt8]

    package init(routingKey: String, id: String, contentType: String, timestampSeconds: UInt64, body: [UInt8]) {
        self.routingKey = routingKey
        self.id = id
        self.contentType = contentType
        self.timestampSeconds = timestampSeconds
        self.body = body
    }
}

/// A message that a consumer was given.
package struct AMQPDelivery: Sendable, Hashable {
    /// Names the delivery on its connection, to acknowledge or reject it.
    package var tag: UInt64
    package var routingKey: String
    /// `nil` when the publisher gave none.
    package var messageID: String?
    /// `nil` when the publisher gave none.
    package var contentType: String?
    /// Seconds since 1970; `nil` when the publisher gave none.
    package var timestampSeconds: UInt64?
    /// Whether the server keeps it on disk.
    package var isPersistent: Bool
    /// Whether it was given to a consumer before.
    package var isRedelivered: Bool
    package var body: [UInt8]
}
