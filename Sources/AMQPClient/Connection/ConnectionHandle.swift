internal import CRabbitMQ
internal import Glibc

/// Owns a librabbitmq connection, which is freed with it. Every call blocks, and none is thread-safe.
///
/// Two channels: on the first everything happens, on the second only questions that a missing queue ends, so that they
/// cost neither the confirmations nor the consumer.
final class ConnectionHandle {
    static let mainChannel: amqp_channel_t = 1
    static let questionChannel: amqp_channel_t = 2

    let state: amqp_connection_state_t
    let limits: AMQPLimits
    /// `nil` until the channel was put into confirm mode.
    var confirms: ConfirmWindow?
    /// Why the server takes no messages now; `nil` when it does.
    var blockedReason: String?
    var isConsuming = false
    /// Why the server has ended the consumer, where it has.
    var consumerEnd: AMQPError?
    /// A second descriptor of the socket, which stays this connection's when the library has closed its own.
    private(set) var descriptor: Int32 = -1

    /// Connects, logs in and opens the channels.
    ///
    /// - Throws: ``AMQPError`` with code `notConnected`, or `refused` when it is the login that fails.
    init(_ url: AMQPURL, _ limits: AMQPLimits) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(.notConnected, "out of memory") }
        self.state = state
        self.limits = limits
        // From here on a throw runs deinit.
        try connect(to: url)
        try logIn(to: url)
        try openChannel(Self.mainChannel)
        try openChannel(Self.questionChannel)
    }

    deinit {
        amqp_destroy_connection(state)
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    private func connect(to url: AMQPURL) throws(AMQPError) {
        guard let socket = amqp_tcp_socket_new(state) else { throw AMQPError(.notConnected, "no socket for AMQP") }
        var timeout = timeval(limits.connectTimeout)
        let status = amqp_socket_open_noblock(socket, url.host, Int32(url.port), &timeout)
        guard status == 0 else {
            throw AMQPError(.notConnected, "\(url) cannot be reached: \(Self.text(of: status))")
        }
        descriptor = fcntl(amqp_get_sockfd(state), F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw AMQPError(.notConnected, "no descriptor for AMQP: error \(errno)") }
    }

    private func logIn(to url: AMQPURL) throws(AMQPError) {
        var handshake = timeval(limits.connectTimeout)
        var call = timeval(limits.callTimeout)
        amqp_set_handshake_timeout(state, &handshake)
        amqp_set_rpc_timeout(state, &call)
        let reply = collab_amqp_login(
            state, url.virtualHost, limits.heartbeatSeconds, url.user, url.password)
        do throws(AMQPError) {
            try check(reply, "log in to \(url)")
        } catch {
            // The server closes the connection with its refusal: 403 for the login, 530 for the virtual host.
            let isRefusal = error.replyCode == 403 || error.replyCode == 530
            throw AMQPError(isRefusal ? .refused : .notConnected, error.message, replyCode: error.replyCode)
        }
    }

    func openChannel(_ channel: amqp_channel_t) throws(AMQPError) {
        amqp_channel_open(state, channel)
        try check(amqp_get_rpc_reply(state), "open a channel")
    }

    /// Ends the connection in the way of the protocol.
    func close() throws(AMQPError) {
        try check(amqp_connection_close(state, AMQP_REPLY_SUCCESS), "close the connection")
    }

    // MARK: Errors

    /// Throws what a reply says, if it is an error. A channel that the server has closed is opened again.
    func check(_ reply: amqp_rpc_reply_t, on channel: amqp_channel_t = mainChannel, _ action: String) throws(AMQPError)
    {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION: throw try refusal(reply.reply, of: channel, action)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw Self.failure(reply.library_error, action)
        default: throw AMQPError(.connectionLost, "cannot \(action): the server closed the connection")
        }
    }

    /// Throws what a status of the library says, if it is an error.
    func check(_ status: Int32, _ action: String) throws(AMQPError) {
        if status != AMQP_STATUS_OK.rawValue { throw Self.failure(status, action) }
    }

    /// The error that a method with which the server closes a channel or the connection stands for.
    func refusal(
        _ method: amqp_method_t, of channel: amqp_channel_t, _ action: String
    ) throws(AMQPError) -> AMQPError {
        guard let decoded = method.decoded else { return AMQPError(.connectionLost, "cannot \(action): unknown reply") }
        if method.id == collab_amqp_connection_close {
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return AMQPError(
                .connectionLost, "cannot \(action): \(Self.text(close.reply_text))", replyCode: Int(close.reply_code))
        }
        guard method.id == collab_amqp_channel_close else {
            return AMQPError(.connectionLost, "cannot \(action): the server answered with method \(method.id)")
        }
        let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
        let error = AMQPError(
            .refused, "cannot \(action): \(Self.text(close.reply_text))", replyCode: Int(close.reply_code))
        var confirmation = amqp_channel_close_ok_t()
        try check(amqp_send_method(state, channel, collab_amqp_channel_close_ok, &confirmation), action)
        if channel == Self.mainChannel {
            confirms = nil
            isConsuming = false
        }
        try openChannel(channel)
        return error
    }

    static func failure(_ status: Int32, _ action: String) -> AMQPError {
        let isLate = status == AMQP_STATUS_TIMEOUT.rawValue
        let reason = isLate ? "the server did not answer in time" : text(of: status)
        return AMQPError(isLate ? .timedOut : .connectionLost, "cannot \(action): \(reason)")
    }

    /// The library's words for a status.
    static func text(of status: Int32) -> String {
        amqp_error_string2(status).map { String(cString: $0) } ?? "error \(status)"
    }

    static func text(_ bytes: amqp_bytes_t) -> String { String(decoding: array(bytes), as: UTF8.self) }

    static func array(_ bytes: amqp_bytes_t) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len))
    }
}

extension timeval {
    /// The duration, rounded down to microseconds; a negative one counts as none.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
