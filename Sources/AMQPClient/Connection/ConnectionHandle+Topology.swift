internal import CRabbitMQ

extension ConnectionHandle {
    /// Declares a durable exchange.
    func declareExchange(_ name: String, _ type: String) throws(AMQPError) {
        var texts = CallBytes()
        amqp_exchange_declare(
            state, Self.mainChannel, texts.text(name), texts.text(type), 0, 1, 0, 0, amqp_empty_table)
        let reply = amqp_get_rpc_reply(state)
        texts.empty()
        try check(reply, "declare the exchange \(name)")
    }

    /// Declares a durable queue.
    ///
    /// - Returns: the number of messages that are ready in it.
    func declareQueue(
        _ name: String, deadLetterExchange: String?, deadLetterRoutingKey: String?
    ) throws(AMQPError) -> Int {
        var texts = CallBytes()
        var entries: [amqp_table_entry_t] = []
        for (key, value) in [
            ("x-dead-letter-exchange", deadLetterExchange), ("x-dead-letter-routing-key", deadLetterRoutingKey),
        ] {
            guard let value else { continue }
            var entry = amqp_table_entry_t()
            collab_amqp_set_text(&entry, texts.text(key), texts.text(value))
            entries.append(entry)
        }
        let bytes = texts.text(name)
        let messages = entries.withUnsafeMutableBufferPointer { entries in
            let table = amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress)
            return Self.messages(amqp_queue_declare(state, Self.mainChannel, bytes, 0, 1, 0, 0, table))
        }
        let reply = amqp_get_rpc_reply(state)
        texts.empty()
        try check(reply, "declare the queue \(name)")
        amqp_maybe_release_buffers(state)
        return messages ?? 0
    }

    /// The number of messages that are ready in a queue; `nil` when there is no such queue.
    func depth(ofQueue name: String) throws(AMQPError) -> Int? {
        var texts = CallBytes()
        let messages = Self.messages(
            amqp_queue_declare(state, Self.questionChannel, texts.text(name), 1, 0, 0, 0, amqp_empty_table))
        let reply = amqp_get_rpc_reply(state)
        texts.empty()
        do throws(AMQPError) {
            try check(reply, on: Self.questionChannel, "ask for the depth of the queue \(name)")
        } catch {
            guard error.code == .refused, error.replyCode == Int(AMQP_NOT_FOUND) else { throw error }
            return nil
        }
        amqp_maybe_release_buffers(state)
        return messages
    }

    /// Deletes a queue with what is in it. One that is missing is no error for the server.
    func deleteQueue(_ name: String) throws(AMQPError) {
        var texts = CallBytes()
        amqp_queue_delete(state, Self.mainChannel, texts.text(name), 0, 0)
        let reply = amqp_get_rpc_reply(state)
        texts.empty()
        try check(reply, "delete the queue \(name)")
    }

    /// Has an exchange give a queue what is published with a routing key (or, with a topic exchange, a pattern).
    func bind(_ queue: String, to exchange: String, routingKey: String) throws(AMQPError) {
        var texts = CallBytes()
        amqp_queue_bind(
            state, Self.mainChannel, texts.text(queue), texts.text(exchange), texts.text(routingKey), amqp_empty_table)
        let reply = amqp_get_rpc_reply(state)
        texts.empty()
        try check(reply, "bind the queue \(queue) to the exchange \(exchange)")
    }

    private static func messages(_ answer: UnsafeMutablePointer<amqp_queue_declare_ok_t>?) -> Int? {
        answer.map { Int($0.pointee.message_count) }
    }
}
