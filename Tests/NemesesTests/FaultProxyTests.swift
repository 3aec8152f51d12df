import Glibc
import NIOCore
import NIOPosix
import Nemeses
import Testing

@Suite("A proxied link", .timeLimit(.minutes(1)))
struct FaultProxyTests {
    @Test("passes bytes and the end of each direction, and is gone when both have ended")
    func passing() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            try await client.finishSending()
            try await server.waitFor("the end of the client's bytes") { $0.hasEnded }
            try await server.send("still here")
            try await client.waitFor("what was sent after the end") { $0.bytes == Array("still here".utf8) }
            try await server.finishSending()
            try await client.waitFor("the end of the server's bytes") { $0.hasEnded || $0.isClosed }
            #expect(client.seen.error == nil && server.seen.error == nil)
            try await eventually { await place.proxy.connectionCount(of: [place.link]) == 0 }
        }
    }

    @Test("that is cut one way holds bytes and ends back in that direction until the cut is lifted")
    func cut() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            var lane = LaneCondition()
            lane.isCut = true
            let cut = try await place.proxy.impose(LinkCondition(forward: lane), on: [place.link])
            try await client.send("lost")
            try await client.finishSending()
            // What the other direction carries meanwhile was sent later, and arrives.
            try await server.send("one way")
            try await client.waitFor("the open direction") { $0.bytes == Array("one way".utf8) }
            #expect(server.seen.bytes == Array("?".utf8) && !server.seen.hasEnded)
            try await place.proxy.lift(cut)
            try await server.waitFor("what was held back") { $0.bytes == Array("?lost".utf8) && $0.hasEnded }
        }
    }

    @Test("that is cut while it is dialled says nothing until the cut is lifted")
    func cutWhileDialling() async throws {
        try await ProxiedServer.run { place in
            var lane = LaneCondition()
            lane.isCut = true
            let cut = try await place.proxy.impose(LinkCondition(backward: lane), on: [place.link])
            let client = try await SocketEnd.connect(to: place.address)
            try await client.send("hello")
            try await eventually { await place.proxy.connectionCount(of: [place.link]) == 1 }
            #expect(place.server.count == 0)
            try await place.proxy.lift(cut)
            try await place.server.connection().waitFor("the greeting") { $0.bytes == Array("hello".utf8) }
        }
    }

    @Test("that is delayed brings everything later, in order")
    func delay() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            var lane = LaneCondition()
            lane.delay = .milliseconds(120)
            lane.jitter = .milliseconds(60)
            let slow = try await place.proxy.impose(LinkCondition(backward: lane), on: [place.link])
            let start = NIODeadline.now()
            for digit in 0..<10 { try await server.send("\(digit)") }
            try await client.waitFor("ten bytes") { $0.bytes.count == 10 }
            #expect(client.seen.bytes == Array("0123456789".utf8))
            #expect(try #require(client.seen.firstAt) - start >= .milliseconds(120))
            try await place.proxy.lift(slow)
            try await server.send("!")
            try await client.waitFor("the last byte") { $0.bytes.count == 11 }
        }
    }

    @Test("that is throttled passes no more in a second than it may, and catches up when it is free again")
    func throttle() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            var lane = LaneCondition()
            lane.bytesPerSecond = 40_000
            let narrow = try await place.proxy.impose(LinkCondition(forward: lane), on: [place.link])
            let start = NIODeadline.now()
            try await client.send([UInt8](repeating: 1, count: 16_000))
            try await server.waitFor("everything") { $0.bytes.count == 16_001 }
            #expect(try #require(server.seen.lastAt) - start >= .milliseconds(380))

            client.sendRegardless(4_000_000)
            try await server.waitFor("a beginning") { $0.bytes.count > 16_001 }
            try await place.proxy.lift(narrow)
            // At its rate this would take 100 s.
            try await server.waitFor("the rest") { $0.bytes.count == 4_016_001 }
        }
    }

    @Test("that is dropped ends in order on both sides")
    func drop() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            await place.proxy.drop([place.link])
            for end in [client, server] { try await end.waitFor("an end") { $0.hasEnded || $0.isClosed } }
            #expect(client.seen.error == nil && server.seen.error == nil)
        }
    }

    @Test("that is reset is lost on both sides")
    func reset() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            await place.proxy.reset([place.link])
            for end in [client, server] { try await end.waitFor("a reset") { $0.isClosed } }
            #expect(client.seen.error?.contains("reset") == true && server.seen.error?.contains("reset") == true)
        }
    }

    @Test("passes a reset on as one")
    func resetByParty() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            let provider = try #require(client.channel as? any SocketOptionProvider)
            try await provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            await client.close()
            try await server.waitFor("a reset") { $0.isClosed && $0.error?.contains("reset") == true }
        }
    }

    private static var torn: LinkCondition {
        var lane = LaneCondition()
        lane.bytesUntilReset = 1_000
        return LinkCondition(backward: lane)
    }

    @Test("closed with data in flight passes so many bytes and resets")
    func truncate() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            _ = try await place.proxy.impose(Self.torn, on: [place.link])
            try await server.send([UInt8](repeating: 7, count: 900))
            try await client.waitFor("what still passes") { $0.bytes.count == 900 }
            #expect(client.seen.isClosed == false)
            server.sendRegardless(900)
            try await client.waitFor("a reset") { $0.isClosed }
            try await server.waitFor("a reset") { $0.isClosed }
            #expect(client.seen.bytes.count <= 1_000)
        }
    }

    @Test("closed with data in flight is so on every new connection, until that is lifted")
    func truncateNew() async throws {
        try await ProxiedServer.run { place in
            let torn = try await place.proxy.impose(Self.torn, on: [place.link])
            for index in 0..<2 {
                let (client, server) = try await place.connected(index: index)
                server.sendRegardless(4_000)
                try await client.waitFor("a reset") { $0.isClosed && $0.bytes.count <= 1_000 }
            }
            try await place.proxy.lift(torn)
            let (client, server) = try await place.connected(index: 2)
            try await server.send([UInt8](repeating: 9, count: 4_000))
            try await client.waitFor("everything") { $0.bytes.count == 4_000 }
        }
    }

    @Test("that is refused keeps its connections, takes no new ones, and takes them again afterwards")
    func refuse() async throws {
        try await ProxiedServer.run { place in
            let (client, server) = try await place.connected()
            let refusal = try await place.proxy.impose(.refusing, on: [place.link])
            let error = await #expect(throws: (any Error).self) { try await SocketEnd.connect(to: place.address) }
            #expect("\(error.map { "\($0)" } ?? "")".contains("refused"))
            try await client.send("!")
            try await server.waitFor("the old connection's byte") { $0.bytes == Array("?!".utf8) }
            try await place.proxy.lift(refusal)
            _ = try await place.connected(index: 1)
        }
    }

    @Test("is told apart from others to the same party by the address that it is dialled from")
    func pairs() async throws {
        let names = ["127.0.10.1": "node-1", "127.0.10.2": "node-2"]
        try await ProxiedServer.run(dialler: .bySourceHost(names, otherwise: "?")) { place in
            let (first, server) = try await place.connected(from: "127.0.10.1")
            let (second, other) = try await place.connected(from: "127.0.10.2", index: 1)
            let links = ["node-1", "node-2"].map { Link(from: $0, to: "server") }
            #expect(await place.proxy.links == Set(links))
            var lane = LaneCondition()
            lane.isCut = true
            _ = try await place.proxy.impose(LinkCondition(forward: lane, backward: lane), on: [links[0]])
            try await first.send("lost")
            try await second.send("heard")
            try await other.waitFor("the byte of the other pair") { $0.bytes == Array("?heard".utf8) }
            #expect(server.seen.bytes == Array("?".utf8))

            // One of two is refused: the listener stays, and this one is reset, perhaps before its end is set up.
            _ = try await place.proxy.impose(.refusing, on: [links[1]])
            do {
                let refused = try await SocketEnd.connect(to: place.address, from: "127.0.10.2")
                try await refused.waitFor("a reset") { $0.isClosed }
            } catch let error as IOError where error.errnoCode == ECONNRESET {}
        }
    }

    @Test("stops its sender when its receiver does not read, and keeps a bounded number of bytes")
    func backPressure() async throws {
        try await ProxiedServer.run(autoRead: false) { place in
            let client = try await SocketEnd.connect(to: place.address)
            let server = try await place.server.connection()
            let all = 64 << 20
            client.sendRegardless(all)
            try await eventually { await place.proxy.waitingBytes(of: [place.link]) >= 256 << 10 }
            for _ in 0..<50 { #expect(await place.proxy.waitingBytes(of: [place.link]) < 1 << 20) }
            try await server.channel.setOption(.autoRead, value: true).get()
            server.channel.read()
            try await server.waitFor("everything", within: .seconds(30)) { $0.bytes.count == all }
        }
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "never true")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
