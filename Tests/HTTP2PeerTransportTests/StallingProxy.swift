import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Carries TCP to a port until it is told to hold everything back, as a stopped process or a lost route does.
final class StallingProxy: Sendable {
    private struct State {
        var pairs: [(inner: any Channel, outer: any Channel)] = []
        var accepted = 0
    }

    private let state = Mutex(State())
    private let channel: any Channel
    let port: Int

    init(to target: Int) async throws {
        let holder = Holder()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { outer in
                outer.eventLoop.makeCompletedFuture {
                    try outer.pipeline.syncOperations.addHandler(
                        Forwarder(dialling: target) { inner in holder.proxy.withLock { $0 }?.add(inner, outer) })
                }
            }
        var bound: (any Channel)?
        while bound == nil { bound = try? await bootstrap.bind(host: "127.0.0.1", port: Ports.take()).get() }
        channel = bound!
        port = bound!.localAddress!.port!
        holder.proxy.withLock { $0 = self }
    }

    private final class Holder: Sendable {
        let proxy = Mutex<StallingProxy?>(nil)
    }

    private func add(_ inner: any Channel, _ outer: any Channel) {
        state.withLock { state in
            state.accepted += 1
            state.pairs.append((inner, outer))
        }
    }

    var accepted: Int { state.withLock { $0.accepted } }

    /// Holds back what is to pass on the connections that there are, or lets it pass.
    func setStalled(_ isStalled: Bool) async throws {
        for (inner, outer) in state.withLock({ $0.pairs }) {
            for channel in [inner, outer] where channel.isActive {
                try await channel.setOption(.autoRead, value: !isStalled).get()
            }
        }
    }

    /// Resets every connection.
    func reset() async throws {
        for (_, outer) in state.withLock({ $0.pairs }) where outer.isActive {
            // A close that lingers for no time resets (tcp(7)).
            try await (outer as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            try? await outer.close().get()
        }
    }

    func close() async {
        for (inner, outer) in state.withLock({ $0.pairs }) {
            try? await inner.close().get()
            try? await outer.close().get()
        }
        try? await channel.close().get()
    }

    /// Passes on what it reads; at the accepted side, first dials the target.
    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var other: (any Channel)?
        private let target: Int?
        private let dialled: (any Channel) -> Void

        init(to other: any Channel) {
            self.other = other
            target = nil
            dialled = { _ in }
        }

        init(dialling target: Int, dialled: @escaping (any Channel) -> Void) {
            self.target = target
            self.dialled = dialled
        }

        func channelActive(context: ChannelHandlerContext) {
            guard let target else { return }
            let outer = context.channel
            ClientBootstrap(group: context.eventLoop)
                .channelOption(.autoRead, value: false)
                .channelInitializer { inner in
                    inner.eventLoop.makeCompletedFuture {
                        try inner.pipeline.syncOperations.addHandler(Forwarder(to: outer))
                    }
                }
                .connect(host: "127.0.0.1", port: target)
                .assumeIsolated()
                .whenComplete { result in
                    guard case .success(let inner) = result else { return outer.close(promise: nil) }
                    self.other = inner
                    self.dialled(inner)
                    for channel in [inner, outer] { channel.setOption(.autoRead, value: true).whenComplete { _ in } }
                }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other?.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other?.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
