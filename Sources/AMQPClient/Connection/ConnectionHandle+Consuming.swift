internal import CRabbitMQ
internal import Glibc

extension ConnectionHandle {
    func consume(_ queue: String, prefetch: UInt16) throws(AMQPError) {
        amqp_basic_qos(state, Self.mainChannel, 0, prefetch, 0)
        try check(amqp_get_rpc_reply(state), "limit what is unacknowledged")
        var texts = CallBytes()
        amqp_basic_consume(
            state, Self.mainChannel, texts.text(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
        let reply = amqp_get_rpc_reply(state)
        texts.empty()
        try check(reply, "consume the queue \(queue)")
        isConsuming = true
        consumerEnd = nil
    }

    /// Waits for the next message; `nil` when none came within `timeout`.
    func next(within timeout: Duration) throws(AMQPError) -> AMQPDelivery? {
        let end = ContinuousClock.now + timeout
        while true {
            amqp_maybe_release_buffers(state)
            var envelope = amqp_envelope_t()
            var wait = timeval(end - .now)
            let reply = amqp_consume_message(state, &envelope, &wait, 0)
            if reply.reply_type == AMQP_RESPONSE_NORMAL {
                defer { amqp_destroy_envelope(&envelope) }
                return Self.delivery(envelope)
            }
            guard reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION else {
                try check(reply, "receive a message")
                return nil
            }
            switch reply.library_error {
            case AMQP_STATUS_TIMEOUT.rawValue: return nil
            // Something else than a message is next (amqp.h, amqp_consume_message).
            case AMQP_STATUS_UNEXPECTED_STATE.rawValue: _ = try takeFrame(within: .zero, "receive a message")
            default: throw Self.failure(reply.library_error, "receive a message")
            }
        }
    }

    func acknowledge(_ tag: UInt64) throws(AMQPError) {
        try check(amqp_basic_ack(state, Self.mainChannel, tag, 0), "acknowledge a message")
    }

    func reject(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try check(amqp_basic_reject(state, Self.mainChannel, tag, requeue ? 1 : 0), "reject a message")
    }

    private static func delivery(_ envelope: amqp_envelope_t) -> AMQPDelivery {
        let properties = envelope.message.properties
        func has(_ flag: Int32) -> Bool { properties._flags & amqp_flags_t(flag) != 0 }
        return AMQPDelivery(
            tag: envelope.delivery_tag, routingKey: text(envelope.routing_key),
            messageID: has(AMQP_BASIC_MESSAGE_ID_FLAG) ? text(properties.message_id) : nil,
            contentType: has(AMQP_BASIC_CONTENT_TYPE_FLAG) ? text(properties.content_type) : nil,
            timestampSeconds: has(AMQP_BASIC_TIMESTAMP_FLAG) ? properties.timestamp : nil,
            isPersistent: has(AMQP_BASIC_DELIVERY_MODE_FLAG)
                && properties.delivery_mode == UInt8(AMQP_DELIVERY_PERSISTENT.rawValue),
            isRedelivered: envelope.redelivered != 0, body: array(envelope.message.body))
    }
}
