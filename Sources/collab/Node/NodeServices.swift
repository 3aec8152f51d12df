import ClusterRuntime
import CollabModel
import HTTP2PeerTransport
import PostgresPersistence
import RedisCoordination
import RuntimePorts
import ServiceLifecycle
import Synchronization

/// Ends the process when another one runs under its node's id.
final class IdentityLoss: Service {
    struct Lost: Error, CustomStringConvertible {
        var other: Incarnation
        var description: String { "another process (incarnation \(other)) runs under this node's id" }
    }

    private let losses: AsyncStream<Incarnation>
    private let continuation: AsyncStream<Incarnation>.Continuation

    init() { (losses, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    func report(_ other: Incarnation) { continuation.yield(other) }

    func run() async throws {
        for await other in losses.cancelOnGracefulShutdown() { throw Lost(other: other) }
    }
}

/// Keeps the connections to Redis.
struct LeaseService: Service {
    let leases: RedisLeaseStore

    func run() async throws { await cancelWhenGracefulShutdown { await leases.run() } }
}

/// Listens for other nodes.
struct TransportService: Service {
    let transport: HTTP2PeerTransport

    func run() async throws {
        _ = try await transport.start()
        try? await gracefulShutdown()
        await transport.shutdown()
    }
}

/// Waits for PostgreSQL, then is a member of the cluster until the end.
struct RuntimeService: Service {
    let node: ClusterNode
    let store: PostgresStore
    let broker: (any ChangeBroker)?
    let clock: SystemRuntimeClock

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await store.prepareWhenAvailable(clock: clock) }
            await withTaskGroup { group in
                group.addTask { await node.run() }
                try? await gracefulShutdown()
                await node.leave()
                group.cancelAll()
            }
        } catch is CancellationError {
            // Told to end while PostgreSQL was awaited.
        }
        await broker?.shutdown()
        await store.shutdown()
    }
}

/// Hands every document over before anything else ends.
struct DrainService: Service {
    let node: ClusterNode

    func run() async throws {
        try? await gracefulShutdown()
        await node.drain()
    }
}
