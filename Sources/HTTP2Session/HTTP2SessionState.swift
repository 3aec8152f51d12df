internal import CNGHTTP2
internal import NIOCore

/// What the library's callbacks fill. They run inside `mem_recv` and `mem_send` and call nothing of the library but
/// lookups.
final class HTTP2SessionState {
    let role: HTTP2Session.Role
    let settings: HTTP2Settings
    var streams: [Int32: HTTP2Stream] = [:]
    var events: [HTTP2Event] = []
    var receivedDataBytes = 0

    init(role: HTTP2Session.Role, settings: HTTP2Settings) {
        self.role = role
        self.settings = settings
    }

    static func provider(of stream: HTTP2Stream) -> nghttp2_data_provider {
        // The library drops the provider when the stream is closed; until then `streams` holds the stream.
        nghttp2_data_provider(
            source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()),
            read_callback: { _, _, buffer, length, flags, source, _ in
                guard let buffer, let flags, let pointer = source?.pointee.ptr else {
                    return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
                }
                let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
                return stream.take(into: buffer, length: length, flags: flags)
            })
    }

    static func install(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { session, frame, data in
            guard let frame, let session, let state = HTTP2SessionState.from(data) else {
                return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
            }
            state.beginHeaders(frame.pointee, session)
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, data in
            guard let frame, let state = HTTP2SessionState.from(data) else {
                return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
            }
            return state.header(
                frame.pointee.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameLength),
                value: UnsafeBufferPointer(start: value, count: valueLength))
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, id, bytes, count, data in
            guard let state = HTTP2SessionState.from(data) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            state.receivedDataBytes += count
            // The stream's own pointer saves a look into our table.
            guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return 0 }
            let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
            state.received(UnsafeRawBufferPointer(start: bytes, count: count), on: stream)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, data in
            guard let frame, let state = HTTP2SessionState.from(data) else {
                return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
            }
            state.received(frame.pointee)
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, data in
            guard let state = HTTP2SessionState.from(data) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            state.closed(id, code)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, data in
            guard let frame, let state = HTTP2SessionState.from(data) else {
                return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
            }
            // A request that could not be sent: the library may close no stream, because it has none.
            if frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue),
                frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
            {
                state.closed(frame.pointee.hd.stream_id, HTTP2ErrorCode.refusedStream.rawValue)
            }
            return 0
        }
    }

    private static func from(_ data: UnsafeMutableRawPointer?) -> HTTP2SessionState? {
        data.map { Unmanaged<HTTP2SessionState>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension HTTP2SessionState {
    private func beginHeaders(_ frame: nghttp2_frame, _ session: OpaquePointer) {
        let id = frame.hd.stream_id
        if role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST {
            let stream = HTTP2Stream(id: id)
            // `streams` holds the stream until the library has closed it, so that the pointer outlives its uses.
            _ = nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
            streams[id] = stream
        }
        streams[id]?.headers = HTTP2HeaderBlock()
    }

    private func header(_ id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard let stream = streams[id] else { return 0 }
        guard stream.headers.count < settings.maximumHeaderFields,
            stream.headers.byteCount + name.count + value.count <= settings.maximumHeaderBytes
        else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
        stream.headers.append(name: name, value: value)
        return 0
    }

    private func received(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2Stream) {
        stream.inbound.writeBytes(bytes)
        stream.unconsumedBytes += bytes.count
        if !stream.hasDataEvent {
            stream.hasDataEvent = true
            events.append(.data(stream))
        }
    }

    private func received(_ frame: nghttp2_frame) {
        let ends = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(frame.hd.type) {
        case NGHTTP2_HEADERS.rawValue:
            guard let stream = streams[frame.hd.stream_id] else { return }
            events.append(.headers(stream, stream.headers))
            stream.headers = HTTP2HeaderBlock()
            if ends { end(stream) }
        case NGHTTP2_DATA.rawValue:
            if ends, let stream = streams[frame.hd.stream_id] { end(stream) }
        case NGHTTP2_SETTINGS.rawValue:
            if frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { events.append(.settings) }
        case NGHTTP2_GOAWAY.rawValue:
            events.append(.goAway(HTTP2ErrorCode(rawValue: frame.goaway.error_code)))
        default:
            break
        }
    }

    private func end(_ stream: HTTP2Stream) {
        stream.hasReceivedEnd = true
        events.append(.ended(stream))
    }

    private func closed(_ id: Int32, _ code: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.isClosed = true
        stream.dropOutbound()
        events.append(.closed(stream, HTTP2ErrorCode(rawValue: code)))
    }
}
