import CollabModel
import LocalCluster
import Randomness
import RedisClient
import RuntimePorts
import Testing

@testable import RedisCoordination

/// What is particular to leases in a real Redis.
@Suite(.timeLimit(.minutes(2))) struct RedisLeaseStoreTests {
    static let document = DocumentID(Identifier128(high: 1, low: 2))

    static func node(_ id: String, _ incarnation: Int64 = 1) throws -> NodeRecord {
        NodeRecord(
            id: try #require(NodeID(id)), incarnation: Incarnation(incarnation),
            peerAddress: PeerAddress(host: "h", port: 1), publicURL: "http://h")
    }

    @Test func `a killed Redis is an error in bounded time, and recovery is by itself and announced`() async throws {
        try await withRedis { server in
            try await withStore(server.url) { store in
                let node = try Self.node("n1")
                let events = store.events()
                _ = try await store.renew(node, timeToLiveMilliseconds: 60_000)
                try await server.kill()
                let start = ContinuousClock.now
                let failure = await #expect(throws: StoreUnavailable.self) {
                    try await store.renew(node, timeToLiveMilliseconds: 60_000)
                }
                #expect(failure?.message.contains("Redis is not available") == true)
                #expect(ContinuousClock.now - start < .seconds(10))
                try await server.start()
                #expect(await events.contains(.reconnected))
                try await wait { (try? await store.renew(node, timeToLiveMilliseconds: 60_000)) == .held }
                let snapshot = try await store.members()
                #expect(snapshot.members == [node])
                #expect((snapshot.markerAgeMilliseconds ?? .max) < 30_000, "the marker is as young as the new Redis")
            }
        }
    }

    @Test func `a renewal that a stopped Redis does not answer fails within its own short timeout`() async throws {
        try await withRedis { server in
            try await withStore(server.url, timeouts: .init(renewal: .milliseconds(100), call: .seconds(60))) { store in
                let node = try Self.node("n1")
                // The short timeout may end before the first connection is made on a busy machine.
                try await wait { (try? await store.renew(node, timeToLiveMilliseconds: 60_000)) == .held }
                try await server.pauseForSure()
                let start = ContinuousClock.now
                let failure = await #expect(throws: StoreUnavailable.self) {
                    try await store.renew(node, timeToLiveMilliseconds: 60_000)
                }
                #expect(failure?.message.contains("unknown") == true)
                #expect(ContinuousClock.now - start < .seconds(10))
                try await server.resume()
                try await wait { (try? await store.renew(node, timeToLiveMilliseconds: 60_000)) == .held }
            }
        }
    }

    @Test func `all leases of a Redis that stood still for longer than they last are gone, and so is the marker`()
        async throws
    {
        try await withRedis { server in
            try await withStore(server.url, timeouts: .init(renewal: .seconds(5), call: .seconds(5))) { store in
                _ = try await store.renew(try Self.node("n1"), timeToLiveMilliseconds: 50)
                try await server.pauseForSure()
                // By Redis's clock, which is the machine's.
                let end = ContinuousClock.now + .milliseconds(60)
                try await wait { ContinuousClock.now >= end }
                try await server.resume()
                #expect(try await store.members() == MembershipSnapshot(members: [], markerAgeMilliseconds: nil))
            }
        }
    }

    @Test func `clusters with different names share a Redis without meeting`() async throws {
        try await withRedis { server in
            try await withStore(server.url, cluster: "a") { first in
                try await withStore(server.url, cluster: "b") { second in
                    let node = try Self.node("n1")
                    _ = try await first.renew(node, timeToLiveMilliseconds: 60_000)
                    _ = try await first.claim(
                        Self.document, replacing: nil, with: DocumentLease(owner: node.identity, epoch: Epoch(1)))
                    #expect(try await second.members() == MembershipSnapshot(members: [], markerAgeMilliseconds: nil))
                    #expect(try await second.lease(of: Self.document) == nil)
                }
            }
        }
    }

    @Test func `what is unreadable counts as absent and can be replaced`() async throws {
        try await withRedis { server in
            try await withStore(server.url) { store in
                let node = try Self.node("n1")
                try await server.command("SET \(store.keys.lease(Self.document)) rubbish")
                try await server.command("SET \(store.keys.node(node.id)) rubbish")
                try await server.command("ZADD \(store.keys.members) 1 n1")
                #expect(try await store.lease(of: Self.document) == nil)
                #expect(try await store.members().members == [])
                let lease = DocumentLease(owner: node.identity, epoch: Epoch(1))
                #expect(try await store.claim(Self.document, replacing: nil, with: lease) == .claimed)
                #expect(try await store.renew(node, timeToLiveMilliseconds: 60_000) == .held)
                #expect(try await store.members().members == [node])
            }
        }
    }

    @Test func `an error reply is an error without secrets`() async throws {
        try await withRedis { server in
            try await server.command("CONFIG SET requirepass sesame")
            try await withStore("redis://:sesame@127.0.0.1:\(server.port)") { store in
                let failure: StoreUnavailable?
                try await withClient("redis://:sesame@127.0.0.1:\(server.port)") { client in
                    _ = try await client.execute(RedisCommand("RPUSH", store.keys.lease(Self.document), "x"))
                }
                failure = await #expect(throws: StoreUnavailable.self) { try await store.lease(of: Self.document) }
                #expect(failure?.message.contains("WRONGTYPE") == true)
                #expect(failure?.message.contains("sesame") == false)
            }
        }
    }

    @Test func `a node that renews no more is dropped from the index in time`() async throws {
        try await withRedis { server in
            try await withStore(server.url) { store in
                try await server.command("ZADD \(store.keys.members) 1 long-gone")
                _ = try await store.renew(try Self.node("n1"), timeToLiveMilliseconds: 60_000)
                #expect(try await server.command("ZCARD \(store.keys.members)") == ":1")
                try await store.leave(try Self.node("n1").identity)
                #expect(try await server.command("ZCARD \(store.keys.members)") == ":0")
            }
        }
    }

    @Test func `a lease from before Redis's clock was set back ends within a time to live of its successor's asking`()
        async throws
    {
        try await withRedis { server in
            try await withStore(server.url) { store in
                let (ended, successor) = (try Self.node("n1", 1), try Self.node("n1", 2))
                _ = try await store.renew(ended, timeToLiveMilliseconds: 60_000)
                #expect(try await store.renew(successor, timeToLiveMilliseconds: 400) == .occupied(by: Incarnation(1)))
                // No renewal of the one that has ended makes it longer, and the successor's asking does not either.
                let deadline = ContinuousClock.now + .seconds(20)
                while try await store.renew(successor, timeToLiveMilliseconds: 400) != .held {
                    try #require(ContinuousClock.now < deadline, "the lease of the ended life stays")
                }
            }
        }
    }

    @Test func `every script touches one key`() {
        let scripts = [
            LeaseScripts.renewNode, LeaseScripts.leaveNode, LeaseScripts.indexNode, LeaseScripts.writeMarker,
            LeaseScripts.markerAge, LeaseScripts.claim, LeaseScripts.release,
        ]
        for script in scripts {
            for part in script.source.split(separator: "KEYS[").dropFirst() { #expect(part.hasPrefix("1]")) }
            for part in script.source.split(separator: "redis.call('").dropFirst() {
                let isKeyless = part.hasPrefix("TIME'") || part.hasPrefix("PUBLISH'")
                #expect(isKeyless || part.contains("', KEYS[1]"), "\(part)")
            }
        }
    }

    @Test func `a node's record is read back as it was written`() throws {
        let alphabet = Array("%=\n\r\u{0}aä∞🦆 \"").map(String.init)
        for seed in UInt64(0)..<500 {
            var generator = SplitMix64(seed: seed)
            var node = try Self.node("n", .random(in: .min ... .max, using: &generator))
            node.publicURL = (0..<20).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            node.peerAddress.host = (0..<9).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            node.isDraining = .random(using: &generator)
            node.sessions = .random(in: 0 ... .max, using: &generator)
            let text = NodeRecordCoding.text(node)
            #expect(NodeRecordCoding.record(text) == node, "seed \(seed)")
            #expect(NodeRecordCoding.record(text + "\nof-a-later-release=1") == node, "seed \(seed)")
        }
    }

    @Test(arguments: ["", "1", "x\nid=a", "1\nid=a", "1\nhost", "1\nid=a b"])
    func `what is no node's record is not read as one`(text: String) {
        #expect(NodeRecordCoding.record(text) == nil)
    }
}
