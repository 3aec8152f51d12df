import NIOCore
import NIOPosix

/// A WebSocket client that does exactly what a test says, also what no client should do. Answers nothing by itself.
final class RawWebSocket {
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]
        var text: String { String(decoding: payload, as: UTF8.self) }
        /// The code of a close frame.
        var closeCode: Int? {
            opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
        }
    }

    let channel: any Channel
    private var chunks: AsyncStream<ByteBuffer>.Iterator
    private var buffer = ByteBuffer()
    private(set) var responseHead = ""

    private init(channel: any Channel, chunks: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.chunks = chunks.makeAsyncIterator()
    }

    /// Opens a connection, without any request.
    static func connect(port: Int) async throws -> RawWebSocket {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation: continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawWebSocket(channel: channel, chunks: stream)
    }

    /// Opens a connection and asks for an upgrade, with more bytes in the same segment if a test says so.
    static func open(
        port: Int, _ target: String, headers: [String] = ["Sec-WebSocket-Protocol: collab.v1"],
        followedBy bytes: [UInt8] = []
    ) async throws -> RawWebSocket {
        let socket = try await connect(port: port)
        let head =
            [
                "GET \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + headers
        try await socket.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
        try await socket.readHead()
        return socket
    }

    func write(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func send(_ text: String) async throws { try await send(opcode: 1, Array(text.utf8)) }

    func send(opcode: UInt8, final: Bool = true, masked: Bool = true, reserved: UInt8 = 0, _ payload: [UInt8])
        async throws
    {
        try await write(Self.frame(opcode: opcode, final: final, masked: masked, reserved: reserved, payload))
    }

    static func frame(
        opcode: UInt8, final: Bool = true, masked: Bool = true, reserved: UInt8 = 0, _ payload: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = [(final ? 0x80 : 0) | reserved | opcode]
        let mask: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        if masked {
            let key: [UInt8] = [0x11, 0x22, 0x33, 0x44]
            bytes += key
            bytes += payload.indices.map { payload[$0] ^ key[$0 & 3] }
        } else {
            bytes += payload
        }
        return bytes
    }

    /// The next frame; `nil` when the server has closed the connection.
    func next() async throws -> Frame? {
        while true {
            if let frame = parse() { return frame }
            guard let chunk = await chunk() else { return nil }
            buffer.writeImmutableBuffer(chunk)
        }
    }

    /// The next frame but pings, which must be a text; pings may come in between where a test takes long.
    func text() async throws -> String {
        var next = try await next()
        while next?.opcode == 9 { next = try await self.next() }
        guard let frame = next else { throw Ended() }
        guard frame.opcode == 1 else { throw Unexpected(frame: frame) }
        return frame.text
    }

    /// The close code that ends the connection; answers it, and waits for the end.
    func closeCode() async throws -> Int? {
        while let frame = try await next() {
            if let code = frame.closeCode {
                try? await send(opcode: 8, Array(frame.payload.prefix(2)))
                while try await next() != nil {}
                return code
            }
        }
        return nil
    }

    /// Everything until the server ends the connection, as text.
    func rest() async -> String {
        while let chunk = await chunk() { buffer.writeImmutableBuffer(chunk) }
        return String(buffer: buffer)
    }

    /// Ends the connection without a word.
    func abort() async throws {
        if let provider = channel as? any SocketOptionProvider {
            try? await provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await channel.close().get()
    }

    func setReading(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

    struct Ended: Error {}
    struct Unexpected: Error { var frame: Frame }

    private func chunk() async -> ByteBuffer? { await chunks.next(isolation: #isolation) }

    private func readHead() async throws {
        while true {
            let view = buffer.readableBytesView
            if let end = view.firstRange(of: Array("\r\n\r\n".utf8)) {
                responseHead = buffer.readString(length: end.upperBound - view.startIndex) ?? ""
                return
            }
            guard let chunk = await chunk() else { throw Ended() }
            buffer.writeImmutableBuffer(chunk)
        }
    }

    private func parse() -> Frame? {
        var reader = buffer
        guard let first = reader.readInteger(as: UInt8.self), let second = reader.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(second)
        if second == 126 {
            guard let word = reader.readInteger(as: UInt16.self) else { return nil }
            length = Int(word)
        } else if second == 127 {
            guard let word = reader.readInteger(as: UInt64.self) else { return nil }
            length = Int(word)
        }
        guard let payload = reader.readBytes(length: length) else { return nil }
        buffer = reader
        buffer.discardReadBytes()
        return Frame(opcode: first & 15, payload: payload)
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let continuation: AsyncStream<ByteBuffer>.Continuation

    init(continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(Self.unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
