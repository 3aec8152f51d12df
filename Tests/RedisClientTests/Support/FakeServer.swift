import NIOCore
import NIOPosix
import Testing

/// What a made-up server does with what it receives.
enum FakeAnswer: Sendable {
    case send(String)
    case close
    case silence
}

/// Runs `body` with a server that answers the login with `+PONG` and each later read as `answer` says.
///
/// - Parameter answer: is given the number of the read on its connection after the login, from 1.
func withFakeServer(
    _ answer: @escaping @Sendable (_ read: Int) -> FakeAnswer, _ body: (_ url: String) async throws -> Void
) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FakeServerHandler(answer: answer))
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    do {
        try await body("redis://127.0.0.1:\(port)")
    } catch {
        try await server.close()
        throw error
    }
    try await server.close()
}

private final class FakeServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (Int) -> FakeAnswer
    private var reads = 0

    init(answer: @escaping @Sendable (Int) -> FakeAnswer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        defer { reads += 1 }
        switch reads == 0 ? .send("+PONG\r\n") : answer(reads) {
        case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .close: context.close(promise: nil)
        case .silence: break
        }
    }
}
