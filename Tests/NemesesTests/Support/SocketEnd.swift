import Foundation
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// One end of a TCP connection, which remembers what it received and how it ended.
final class SocketEnd: Sendable {
    struct Seen: Sendable {
        var bytes: [UInt8] = []
        var firstAt: NIODeadline?
        var lastAt: NIODeadline?
        /// The other side will send no more.
        var hasEnded = false
        var isClosed = false
        var error: String?
    }

    let channel: any Channel
    private let box: Box

    fileprivate final class Box: Sendable {
        let seen = Mutex(Seen())
    }

    fileprivate init(_ channel: any Channel, _ box: Box) {
        self.channel = channel
        self.box = box
    }

    var seen: Seen { box.seen.withLock { $0 } }

    /// Connects; `source` is the address to dial from.
    static func connect(to address: SocketAddress, from source: String? = nil) async throws -> SocketEnd {
        let box = Box()
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Recorder(box))
                }
            }
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        return SocketEnd(try await bootstrap.connect(to: address).get(), box)
    }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    /// Sends so many bytes, whether or not they can be sent.
    func sendRegardless(_ count: Int) {
        channel.writeAndFlush(ByteBuffer(repeating: 5, count: count), promise: nil)
    }
    func finishSending() async throws { try await channel.close(mode: .output).get() }
    func close() async { try? await channel.close().get() }

    func waitFor(
        _ what: String, within limit: Duration = .seconds(10), _ condition: (Seen) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while !condition(seen) {
            guard ContinuousClock.now < deadline else { throw NotSeen(what: what, seen: seen) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    struct NotSeen: Error, CustomStringConvertible {
        var what: String
        var seen: Seen
        var description: String {
            "never seen: \(what); \(seen.bytes.count) bytes, ended \(seen.hasEnded), closed \(seen.isClosed), "
                + "error \(seen.error ?? "none")"
        }
    }

    fileprivate final class Recorder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let box: Box

        init(_ box: Box) { self.box = box }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            box.seen.withLock { seen in
                seen.bytes += bytes.readableBytesView
                seen.firstAt = seen.firstAt ?? .now()
                seen.lastAt = .now()
            }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .some(.inputClosed) = event as? ChannelEvent { box.seen.withLock { $0.hasEnded = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { box.seen.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            box.seen.withLock { $0.error = "\(error)" }
            context.close(promise: nil)
        }
    }
}

/// A server that hands out the connections that it accepts.
final class SocketServer: Sendable {
    private let channel: any Channel
    private let accepted: Accepted

    private final class Accepted: Sendable {
        let ends = Mutex<[SocketEnd]>([])
    }

    init(autoRead: Bool = true) async throws {
        let accepted = Accepted()
        self.accepted = accepted
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: autoRead)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let box = SocketEnd.Box()
                    try channel.pipeline.syncOperations.addHandler(SocketEnd.Recorder(box))
                    accepted.ends.withLock { $0.append(SocketEnd(channel, box)) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var address: SocketAddress { channel.localAddress! }
    var count: Int { accepted.ends.withLock { $0.count } }

    /// The connection that was accepted as the `index`-th.
    func connection(_ index: Int = 0) async throws -> SocketEnd {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            if let end = accepted.ends.withLock({ index < $0.count ? $0[index] : nil }) { return end }
            try #require(ContinuousClock.now < deadline, "connection \(index) was never accepted")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func close() async {
        try? await channel.close().get()
        for end in accepted.ends.withLock({ $0 }) { await end.close() }
    }
}
