internal import CRabbitMQ

extension ConnectionHandle {
    /// Publishes messages in their order and waits until all are confirmed. Only so many are unconfirmed at a time, so
    /// that the server is never left with confirmations that nobody reads.
    func publish(
        _ messages: [AMQPMessage], to exchange: String, before deadline: SocketDeadline
    ) throws(AMQPError) {
        // What was said before: a server that has closed the connection is quoted, which a failed write would not do.
        while try takeFrame(within: .zero, "publish") {}
        if confirms == nil {
            amqp_confirm_select(state, Self.mainChannel)
            try check(amqp_get_rpc_reply(state), "ask for confirmations")
            confirms = ConfirmWindow()
        }
        var unconfirmedBytes = 0
        for message in messages {
            if unconfirmedBytes >= limits.maximumUnconfirmedBytes {
                try awaitConfirms(leaving: 0, before: deadline)
                unconfirmedBytes = 0
            } else if outstanding >= limits.maximumUnconfirmed {
                try awaitConfirms(leaving: limits.maximumUnconfirmed / 2, before: deadline)
            }
            try check(send(message, to: exchange), "publish")
            confirms?.publish()
            unconfirmedBytes += message.body.count
            deadline.extend(by: limits.callTimeout)
        }
        try awaitConfirms(leaving: 0, before: deadline)
    }

    private var outstanding: Int { confirms?.outstanding ?? 0 }

    private func send(_ message: AMQPMessage, to exchange: String) -> Int32 {
        var texts = CallBytes()
        var properties = amqp_basic_properties_t()
        properties._flags = amqp_flags_t(
            AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
                | AMQP_BASIC_TIMESTAMP_FLAG)
        properties.content_type = texts.text(message.contentType)
        properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
        properties.message_id = texts.text(message.id)
        properties.timestamp = message.timestampSeconds
        let destination = texts.text(exchange)
        let routingKey = texts.text(message.routingKey)
        let status = message.body.withUnsafeBytes { body in
            // The library reads the body and does not write to it.
            let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            return amqp_basic_publish(
                state, Self.mainChannel, destination, routingKey, 0, 0, &properties, bytes)
        }
        texts.empty()
        return status
    }

    private func awaitConfirms(leaving rest: Int, before deadline: SocketDeadline) throws(AMQPError) {
        var isLate = ContinuousClock.now + limits.callTimeout
        while outstanding > rest {
            let before = outstanding
            guard try takeFrame(within: isLate - .now, "publish") else {
                let blocked = blockedReason.map { "; it takes no messages: \($0)" } ?? ""
                throw AMQPError(
                    .timedOut,
                    "the server confirmed nothing for \(limits.callTimeout) with \(before) messages outstanding\(blocked)"
                )
            }
            guard outstanding < before else { continue }
            isLate = .now + limits.callTimeout
            deadline.extend(by: limits.callTimeout)
        }
    }
}
