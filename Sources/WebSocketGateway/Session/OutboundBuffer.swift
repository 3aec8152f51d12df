import NIOCore
import SessionProtocol

/// The WebSocket frames that a session is to be sent in this turn of the loop, as the bytes of the wire.
///
/// Operations that follow one another become one message: the first is written as `operation`; when another comes, the
/// message becomes `operations` and grows. What has been written is whole at every moment.
struct OutboundBuffer {
    /// What the last frame is, if it can take more operations.
    private enum Tail {
        case none
        /// An `operation` frame; the item's bytes without their first begin at `item`.
        case single(frame: Int, item: Int)
        /// An `operations` frame.
        case several(frame: Int)
    }

    private var buffer: ByteBuffer?
    private var tail = Tail.none
    /// How many frames there are.
    private(set) var frames = 0

    private static let operation = ServerFrameEncoding.operationStart
    private static let start = ServerFrameEncoding.operationsStart
    private static let end = ServerFrameEncoding.operationsEnd
    /// A frame that grows has the header with a 16-bit length: its payload has 126 bytes at least, since the two ids
    /// and the names of the fields of two items have more, and this many at most.
    private static let growingBytes = 65_000
    private static let growingHeaderBytes = 4

    var isEmpty: Bool { frames == 0 }
    var readableBytes: Int { buffer?.readableBytes ?? 0 }

    /// Takes everything out.
    mutating func take() -> ByteBuffer? {
        defer { self = OutboundBuffer() }
        return buffer
    }

    /// Appends a text frame.
    mutating func text(_ payload: [UInt8], _ allocator: ByteBufferAllocator) {
        frame(0x81, payload.count, allocator)
        buffer?.writeBytes(payload)
        tail = .none
    }

    /// Appends a control frame, whose payload has 125 bytes at most.
    mutating func control(_ opcode: UInt8, _ payload: ByteBuffer, _ allocator: ByteBufferAllocator) {
        frame(0x80 | opcode, payload.readableBytes, allocator)
        buffer?.writeImmutableBuffer(payload)
        tail = .none
    }

    /// Appends operations: `count` items, separated by commas.
    mutating func operations(_ items: [UInt8], count: Int, _ allocator: ByteBufferAllocator) {
        switch tail {
        case .none: break
        case .single(let frame, let item):
            let length = (buffer?.writerIndex ?? 0) - item
            if length + items.count + Self.growingOverhead <= Self.growingBytes {
                widen(frame: frame, item: item, length: length)
                grow(frame: frame, items)
                return
            }
        case .several(let frame):
            if (buffer?.writerIndex ?? 0) - frame + items.count + Self.growingOverhead <= Self.growingBytes {
                grow(frame: frame, items)
                return
            }
        }
        count == 1 ? single(items, allocator) : several(items, allocator)
    }

    private static let growingOverhead = start.count + end.count + 8

    private mutating func single(_ item: [UInt8], _ allocator: ByteBufferAllocator) {
        let before = buffer?.writerIndex ?? 0
        let length = Self.operation.count + item.count - 1
        let header = frame(0x81, length, allocator)
        buffer?.writeBytes(Self.operation)
        buffer?.writeBytes(item[1...])
        tail = .single(frame: before, item: before + header + Self.operation.count)
    }

    private mutating func several(_ items: [UInt8], _ allocator: ByteBufferAllocator) {
        let before = buffer?.writerIndex ?? 0
        let length = Self.start.count + items.count + Self.end.count
        let header = frame(0x81, length, allocator)
        buffer?.writeBytes(Self.start)
        buffer?.writeBytes(items)
        buffer?.writeBytes(Self.end)
        tail = header == Self.growingHeaderBytes ? .several(frame: before) : .none
    }

    /// Makes the single operation at the end the first of several, still without an end.
    private mutating func widen(frame: Int, item: Int, length: Int) {
        guard let rest = buffer?.getSlice(at: item, length: length) else { return }
        buffer?.moveWriterIndex(to: frame)
        buffer?.writeRepeatingByte(0, count: Self.growingHeaderBytes)
        buffer?.setInteger(0x81 as UInt8, at: frame)
        buffer?.setInteger(126 as UInt8, at: frame + 1)
        buffer?.writeBytes(Self.start)
        buffer?.writeInteger(UInt8(ascii: "{"))
        buffer?.writeImmutableBuffer(rest)
        buffer?.writeBytes(Self.end)
        tail = .several(frame: frame)
    }

    private mutating func grow(frame: Int, _ items: [UInt8]) {
        guard let writer = buffer?.writerIndex else { return }
        buffer?.moveWriterIndex(to: writer - Self.end.count)
        buffer?.writeInteger(UInt8(ascii: ","))
        buffer?.writeBytes(items)
        buffer?.writeBytes(Self.end)
        let length = writer + 1 + items.count - frame - Self.growingHeaderBytes
        buffer?.setInteger(UInt16(length), at: frame + 2)
    }

    /// Writes a frame's header (RFC 6455, section 5.2; a server does not mask); returns its size.
    @discardableResult
    private mutating func frame(_ first: UInt8, _ length: Int, _ allocator: ByteBufferAllocator) -> Int {
        if buffer == nil { buffer = allocator.buffer(capacity: length + 10) }
        frames += 1
        buffer?.writeInteger(first)
        if length < 126 {
            buffer?.writeInteger(UInt8(length))
            return 2
        } else if length <= Int(UInt16.max) {
            buffer?.writeInteger(126 as UInt8)
            buffer?.writeInteger(UInt16(length))
            return 4
        } else {
            buffer?.writeInteger(127 as UInt8)
            buffer?.writeInteger(UInt64(length))
            return 10
        }
    }
}
