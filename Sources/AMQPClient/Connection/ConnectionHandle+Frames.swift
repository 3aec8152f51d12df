internal import CRabbitMQ
internal import Glibc

extension ConnectionHandle {
    /// Waits for one frame and takes in what the server says by itself: confirmations, and that it blocks or closes.
    ///
    /// Heartbeats are sent and looked after meanwhile.
    ///
    /// - Returns: `false` when nothing came within `timeout`.
    func takeFrame(within timeout: Duration, _ action: String) throws(AMQPError) -> Bool {
        amqp_maybe_release_buffers(state)
        var frame = amqp_frame_t()
        var wait = timeval(timeout)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &wait)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return false }
        try check(status, action)
        guard Int32(frame.frame_type) == AMQP_FRAME_METHOD else { return true }
        let method = frame.payload.method
        switch method.id {
        case collab_amqp_connection_close, collab_amqp_channel_close:
            throw try refusal(method, of: frame.channel, action)
        case collab_amqp_connection_blocked:
            blockedReason = method.decoded.map { decoded in
                Self.text(decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee.reason)
            }
        case collab_amqp_connection_unblocked:
            blockedReason = nil
        case collab_amqp_basic_cancel:
            isConsuming = false
            let end = AMQPError(.refused, "the server ended the consumer: its queue is gone")
            consumerEnd = end
            throw end
        case collab_amqp_basic_ack:
            guard let decoded = method.decoded else { return true }
            let ack = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            guard confirms?.confirm(ack.delivery_tag, upTo: ack.multiple != 0) ?? false else {
                throw AMQPError(.connectionLost, "the server confirmed message \(ack.delivery_tag), which is none")
            }
        case collab_amqp_basic_nack:
            throw AMQPError(.notConfirmed, "the server could not take a message over")
        default: break
        }
        return true
    }
}
