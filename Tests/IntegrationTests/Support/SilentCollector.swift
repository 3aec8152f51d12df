import NIOCore
import NIOPosix

/// A collector that takes connections and never answers.
struct SilentCollector {
    let url: String

    /// Listens on a port of the system's choice while `body` runs.
    static func run(_ body: (SilentCollector) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(SilentCollector(url: "http://127.0.0.1:\(port)")))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        try result.get()
    }
}
