import NIOCore
import NIOPosix
import Nemeses

/// A server behind a proxy.
struct ProxiedServer {
    let server: SocketServer
    let proxy: FaultProxy
    let address: SocketAddress
    let link = Link(from: "client", to: "server")

    /// Runs `body` with a proxied server, and ends both.
    static func run(
        autoRead: Bool = true, dialler: FaultProxy.Dialler = .always("client"),
        _ body: (ProxiedServer) async throws -> Void
    ) async throws {
        let server = try await SocketServer(autoRead: autoRead)
        let proxy = FaultProxy(group: MultiThreadedEventLoopGroup.singleton)
        do {
            let address = try await proxy.listen(
                for: "server", at: try SocketAddress(ipAddress: "127.0.0.1", port: 0), to: server.address,
                dialler: dialler)
            try await body(ProxiedServer(server: server, proxy: proxy, address: address))
        } catch {
            await proxy.close()
            await server.close()
            throw error
        }
        await proxy.close()
        await server.close()
    }

    /// Connects through the proxy and returns both ends once a byte has passed.
    func connected(from source: String? = nil, index: Int = 0) async throws -> (client: SocketEnd, server: SocketEnd) {
        let client = try await SocketEnd.connect(to: address, from: source)
        let accepted = try await server.connection(index)
        try await client.send("?")
        try await accepted.waitFor("the first byte") { $0.bytes == Array("?".utf8) }
        return (client, accepted)
    }
}
