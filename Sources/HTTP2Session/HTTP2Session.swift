internal import CNGHTTP2
package import NIOCore

/// The HTTP/2 protocol of one connection, without a socket: bytes in, events out, frames out. An owned `nghttp2_session`.
///
/// Not `Sendable`: it is used from one event loop. No callback of the library runs application code, so that the rule of
/// nghttp2.h ("it must not be called from inside of callbacks") holds by construction: callbacks fill buffers and the
/// list of events, and ``takeEvents()`` is called after the library has returned.
package final class HTTP2Session {
    package enum Role: Sendable { case client, server }

    package let role: Role
    private let session: OpaquePointer
    private let state: HTTP2SessionState
    /// After ``abandon()`` the library holds pointers to streams that are gone, and is only freed.
    private var isAbandoned = false

    /// Makes a session and queues its preface and settings.
    package init(role: Role, settings: HTTP2Settings) throws(HTTP2Error) {
        self.role = role
        let state = HTTP2SessionState(role: role, settings: settings)
        var callbacks: OpaquePointer?
        var option: OpaquePointer?
        var made: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&option) == 0 else {
            throw HTTP2Error(.setup, "out of memory")
        }
        defer {
            nghttp2_session_callbacks_del(callbacks)
            nghttp2_option_del(option)
        }
        HTTP2SessionState.install(callbacks)
        nghttp2_option_set_no_auto_window_update(option, 1)
        nghttp2_option_set_no_closed_streams(option, 1)
        nghttp2_option_set_peer_max_concurrent_streams(option, settings.maximumConcurrentStreams)
        nghttp2_option_set_stream_reset_rate_limit(option, settings.resetBurst, settings.resetsPerSecond)
        // The session keeps an unretained pointer to the state, which this object holds longer than the session.
        let context = Unmanaged.passUnretained(state).toOpaque()
        let result =
            switch role {
            case .client: nghttp2_session_client_new2(&made, callbacks, context, option)
            case .server: nghttp2_session_server_new2(&made, callbacks, context, option)
            }
        guard result == 0, let made else { throw HTTP2Error(.setup, library: Int(result)) }
        self.state = state
        self.session = made
        try submit(settings)
    }

    deinit { nghttp2_session_del(session) }

    private func submit(_ settings: HTTP2Settings) throws(HTTP2Error) {
        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                value: role == .server ? settings.maximumConcurrentStreams : 0),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: settings.streamWindow),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(settings.maximumHeaderBytes + 32 * settings.maximumHeaderFields)),
        ]
        if role == .client {
            entries.append(
                nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
        }
        var result = nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
        if result == 0 {
            result = nghttp2_session_set_local_window_size(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, settings.connectionWindow)
        }
        guard result == 0 else { throw HTTP2Error(.setup, library: Int(result)) }
    }

    // MARK: Bytes

    /// Reads what arrived on the connection. Afterwards ``takeEvents()`` has what it meant.
    ///
    /// A breach of the protocol by the peer is answered by the codec with GOAWAY, after which ``isFinished`` becomes true.
    package func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
        guard bytes.count > 0, !isAbandoned else { return }
        let result = nghttp2_session_mem_recv(
            session, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
        guard result >= 0 else { throw HTTP2Error(.receiving, library: result) }
        let received = state.receivedDataBytes
        state.receivedDataBytes = 0
        if received > 0 {
            // The connection's window bounds nothing: each stream's does. Given back as bytes arrive, so that a stream
            // that is not read holds no other back.
            let given = nghttp2_session_consume_connection(session, received)
            guard given == 0 else { throw HTTP2Error(.receiving, library: Int(given)) }
        }
    }

    /// What has happened since the last call, in order.
    package func takeEvents() -> [HTTP2Event] {
        guard !state.events.isEmpty else { return [] }
        var taken: [HTTP2Event] = []
        swap(&taken, &state.events)
        for case .data(let stream) in taken { stream.hasDataEvent = false }
        return taken
    }

    /// Appends frames to `buffer` until it holds `limit` bytes or more, or nothing can be sent. Returns whether anything
    /// was appended. May make events.
    @discardableResult
    package func gather(into buffer: inout ByteBuffer, limit: Int) throws(HTTP2Error) -> Bool {
        guard !isAbandoned else { return false }
        let before = buffer.writerIndex
        while buffer.readableBytes < limit {
            var pointer: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &pointer)
            guard count >= 0 else { throw HTTP2Error(.sending, library: count) }
            guard count > 0 else { break }
            buffer.writeBytes(UnsafeRawBufferPointer(start: pointer, count: count))
        }
        return buffer.writerIndex > before
    }

    /// Whether the connection has said goodbye and neither wants to be read nor written: close it.
    package var isFinished: Bool {
        nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// How many streams are open.
    package var streamCount: Int { state.streams.count }

    // MARK: Streams

    /// Opens a stream with a request; what is written to it follows, up to ``finish(_:)``.
    package func request(_ headers: HTTP2HeaderBlock) throws(HTTP2Error) -> HTTP2Stream {
        let stream = HTTP2Stream(id: 0)
        var provider = HTTP2SessionState.provider(of: stream)
        let id = headers.withNameValues { values, count in
            nghttp2_submit_request(session, nil, values, count, &provider, Unmanaged.passUnretained(stream).toOpaque())
        }
        guard id > 0 else { throw HTTP2Error(.submission, library: Int(id)) }
        stream.id = id
        state.streams[id] = stream
        return stream
    }

    /// Answers a request; what is written to the stream follows, up to ``finish(_:)``. Once per stream.
    package func respond(to stream: HTTP2Stream, _ headers: HTTP2HeaderBlock) throws(HTTP2Error) {
        guard !stream.isClosed else { return }
        var provider = HTTP2SessionState.provider(of: stream)
        let result = headers.withNameValues { values, count in
            nghttp2_submit_response(session, stream.id, values, count, &provider)
        }
        guard result == 0 else { throw HTTP2Error(.submission, library: Int(result)) }
    }

    /// Queues bytes behind those before them. Small writes share DATA frames. On a closed stream they are dropped.
    package func write(_ bytes: [UInt8], to stream: HTTP2Stream) {
        guard !stream.isClosed, !stream.isFinished else {
            stream.observer?.didTake(bytes: bytes.count)
            return
        }
        stream.append(bytes)
        resume(stream)
    }

    /// Ends this direction of the stream behind what is queued.
    package func finish(_ stream: HTTP2Stream) {
        guard !stream.isClosed, !stream.isFinished else { return }
        stream.isFinished = true
        resume(stream)
    }

    /// Drops what is queued on a stream.
    package func dropQueued(_ stream: HTTP2Stream) { stream.dropOutbound() }

    /// Ends both directions of the stream at once; what is queued is dropped.
    package func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) throws(HTTP2Error) {
        guard !stream.isClosed else { return }
        stream.dropOutbound()
        stream.isFinished = true
        let result = nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
        guard result == 0 else { throw HTTP2Error(.submission, library: Int(result)) }
    }

    /// Gives the peer back the place in the stream's window that everything received so far took.
    package func consume(_ stream: HTTP2Stream) throws(HTTP2Error) {
        let count = stream.unconsumedBytes
        guard count > 0 else { return }
        stream.unconsumedBytes = 0
        guard !stream.isClosed else { return }
        let result = nghttp2_session_consume_stream(session, stream.id, count)
        guard result == 0 else { throw HTTP2Error(.submission, library: Int(result)) }
    }

    private func resume(_ stream: HTTP2Stream) {
        guard stream.isDeferred else { return }
        stream.isDeferred = false
        // It refuses only a stream that is not deferred or gone, and then there is nothing to resume.
        _ = nghttp2_session_resume_data(session, stream.id)
    }

    // MARK: The connection

    /// Queues a PING, which goes out before data and which the peer's codec answers.
    package func ping() throws(HTTP2Error) {
        let result = nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
        guard result == 0 else { throw HTTP2Error(.submission, library: Int(result)) }
    }

    /// Tells the peer that no further stream will be accepted; those that are open go on.
    package func goAway() throws(HTTP2Error) {
        let result = nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session),
            HTTP2ErrorCode.noError.rawValue, nil, 0)
        guard result == 0 else { throw HTTP2Error(.submission, library: Int(result)) }
    }

    /// Gives up: every stream that was open, closed and in the order in which they were opened. The connection is gone.
    package func abandon() -> [HTTP2Stream] {
        isAbandoned = true
        let open = state.streams.values.sorted { $0.id < $1.id }
        state.streams.removeAll()
        state.events.removeAll()
        for stream in open {
            stream.isClosed = true
            stream.dropOutbound()
        }
        return open
    }
}
