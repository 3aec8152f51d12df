internal import CNGHTTP2
internal import DequeModule
package import NIOCore

/// Told of what a stream's sender needs to know while frames are made.
package protocol HTTP2StreamObserver: AnyObject {
    /// The codec took bytes of what was written. Called from within ``HTTP2Session/gather(into:limit:)``: must not call
    /// the session.
    func didTake(bytes: Int)
}

/// One stream of a session: what has been received and not yet read, and what waits to be sent.
///
/// Belongs to its session and is used where the session is used.
package final class HTTP2Stream {
    /// Positive; odd for streams that the client opened.
    package internal(set) var id: Int32
    /// Bytes received and not yet read by the application.
    package var inbound = ByteBuffer()
    /// Bytes received whose place in the stream's window has not been given back.
    package internal(set) var unconsumedBytes = 0
    /// Told as bytes are taken; kept until the stream is closed.
    package var observer: (any HTTP2StreamObserver)?
    /// The application's own name for the stream.
    package var tag: UInt64 = 0
    /// Whether the peer has ended its direction.
    package internal(set) var hasReceivedEnd = false
    /// Whether the stream is gone.
    package internal(set) var isClosed = false

    var headers = HTTP2HeaderBlock()
    var hasDataEvent = false
    var isDeferred = false
    var isFinished = false
    private var outbound = Deque<[UInt8]>()
    private var offset = 0

    /// A buffer that has grown past this is given back as soon as it is empty.
    private static let keptCapacity = 64 << 10

    init(id: Int32) { self.id = id }

    /// Gives memory back that a large message took. Call when what was complete in ``inbound`` has been read.
    package func compactInbound() {
        if inbound.readableBytes == 0 {
            if inbound.capacity > Self.keptCapacity { inbound = ByteBuffer() } else { inbound.clear() }
        } else if inbound.readerIndex > Self.keptCapacity {
            inbound.discardReadBytes()
        }
    }

    func append(_ bytes: [UInt8]) { outbound.append(bytes) }

    func dropOutbound() {
        var dropped = -offset
        for part in outbound { dropped += part.count }
        outbound.removeAll()
        offset = 0
        if dropped > 0 { observer?.didTake(bytes: dropped) }
    }

    /// Copies up to `length` bytes of what waits. The library's data provider (nghttp2.h,
    /// `nghttp2_data_source_read_callback`).
    func take(into buffer: UnsafeMutablePointer<UInt8>, length: Int, flags: UnsafeMutablePointer<UInt32>) -> Int {
        var copied = 0
        while copied < length, let part = outbound.first {
            let count = min(part.count - offset, length - copied)
            part.withUnsafeBufferPointer { source in
                if count > 0, let start = source.baseAddress {
                    (buffer + copied).update(from: start + offset, count: count)
                }
            }
            copied += count
            offset += count
            if offset == part.count {
                outbound.removeFirst()
                offset = 0
            }
        }
        if copied > 0 { observer?.didTake(bytes: copied) }
        if outbound.isEmpty && isFinished {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            return copied
        }
        guard copied > 0 else {
            isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        return copied
    }
}
