import RuntimePorts
import Testing

@testable import WebSocketGateway

struct ConsoleConnectionTests {
    private static let headers = ["Sec-WebSocket-Protocol: collab.console.v1"]

    private func open(_ edge: TestEdge, _ query: String = "", _ more: [String] = []) async throws -> RawWebSocket {
        try await RawWebSocket.open(port: edge.port, "/api/console?\(query)", headers: Self.headers + more)
    }

    @Test func `an operator gets what the feed sends, under the console's subprotocol`() async throws {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles, authenticator: StrictAccess(), authorizer: StrictAccess()) { edge in
            let socket = try await open(edge, "token=operator")
            #expect(socket.responseHead.contains("collab.console.v1"))
            await consoles.whenOpen(1)
            let console = try #require(consoles.consoles.first)
            #expect(console.isReady)
            console.send(Array(#"{"type":"state"}"#.utf8))
            #expect(try await socket.text() == #"{"type":"state"}"#)
            try await socket.abort()
            await consoles.whenOpen(0)
        }
    }

    @Test(arguments: [("", 4401), ("token=good", 4403), ("token=down", 1013)])
    func `who is no operator is refused with a close code`(query: String, code: Int) async throws {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles, authenticator: StrictAccess(), authorizer: StrictAccess()) { edge in
            let socket = try await open(edge, query)
            #expect(try await socket.closeCode() == code)
            #expect(consoles.consoles.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [("good", 4403), ("ended", 4401)])
    func `who may not look any more is closed, and an outage of the ports closes nobody`(token: String, code: Int)
        async throws
    {
        var configuration = TestEdge.configuration
        configuration.pingAfter = .milliseconds(20)
        let consoles = FakeConsoleHost()
        let access = ChangingAccess(token: "operator")
        try await withEdge(configuration, consoles: consoles, authenticator: access, authorizer: access) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            access.change(to: "down")
            // The second is asked when the first was answered.
            await access.whenAsked(2, as: "down")
            #expect(consoles.consoles.count == 1)
            access.change(to: token)
            #expect(try await socket.closeCode() == code)
            #expect(consoles.consoles.isEmpty)
        }
    }

    @Test func `a page of a foreign origin is refused, a member's is not`() async throws {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles) { edge in
            let foreign = try await open(edge, "", ["Origin: https://elsewhere.test"])
            #expect(foreign.responseHead.hasPrefix("HTTP/1.1 403"))
            let member = try await open(edge, "", ["Origin: \(TestEdge.member)"])
            #expect(member.responseHead.hasPrefix("HTTP/1.1 101"))
            await consoles.whenOpen(1)
        }
    }

    @Test func `another subprotocol, and no upgrade, are answered by HTTP`() async throws {
        try await withEdge(consoles: FakeConsoleHost()) { edge in
            let socket = try await RawWebSocket.open(port: edge.port, "/api/console")
            #expect(socket.responseHead.hasPrefix("HTTP/1.1 426"))
        }
    }

    @Test func `above the bound of the feed a console is told to come back later`() async throws {
        try await withEdge(consoles: FakeConsoleHost(atMost: 0)) { edge in
            let socket = try await open(edge)
            #expect(try await socket.closeCode() == 1013)
        }
    }

    @Test func `a console only listens`() async throws {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            try await socket.send("hello")
            #expect(try await socket.closeCode() == 1008)
            await consoles.whenOpen(0)
        }
    }

    @Test func `nothing is answered before the console is admitted`() async throws {
        try await withEdge(
            consoles: FakeConsoleHost(), authenticator: StrictAccess(), authorizer: StrictAccess()
        ) { edge in
            // The ping comes with the request for the upgrade, so it certainly is there before the answer of the ports.
            let ping = RawWebSocket.frame(opcode: 9, Array("early".utf8))
            let refused = try await RawWebSocket.open(
                port: edge.port, "/api/console?token=good", headers: Self.headers, followedBy: ping)
            #expect(try await refused.next()?.closeCode == 4403)
            let admitted = try await RawWebSocket.open(
                port: edge.port, "/api/console?token=operator", headers: Self.headers, followedBy: ping)
            #expect(try await admitted.next() == RawWebSocket.Frame(opcode: 10, payload: Array("early".utf8)))
        }
    }

    @Test func `a console that pings without end is closed`() async throws {
        var configuration = TestEdge.configuration
        (configuration.messagesPerSecond, configuration.messageBurst) = (1, 3)
        let consoles = FakeConsoleHost()
        try await withEdge(configuration, consoles: consoles) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            // The text at the end closes the connection in any case.
            let pings = [[UInt8]](repeating: RawWebSocket.frame(opcode: 9, []), count: 30)
            try await socket.write(pings.flatMap(\.self) + RawWebSocket.frame(opcode: 1, []))
            var pongs = 0
            while let frame = try await socket.next(), frame.closeCode == nil { pongs += 1 }
            #expect((3..<30).contains(pongs))
            await consoles.whenOpen(0)
        }
    }

    @Test(arguments: [(false, UInt8(0)), (true, 0x40), (true, 0x20), (true, 0x10)])
    func `a frame that is not masked or has a reserved bit ends the connection`(masked: Bool, reserved: UInt8)
        async throws
    {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            try await socket.write(
                RawWebSocket.frame(opcode: 9, masked: masked, reserved: reserved, [])
                    + RawWebSocket.frame(opcode: 1, []))
            let first = try #require(try await socket.next())
            #expect(first.closeCode == 1008, "and no pong before it")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a console that pings and does not read is closed`() async throws {
        var configuration = TestEdge.configuration
        configuration.outboxBytes = 4_096
        let consoles = FakeConsoleHost()
        try await withEdge(configuration, consoles: consoles) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            let console = try #require(consoles.consoles.first)
            try await socket.setReading(false)
            // More than the sockets hold.
            console.send([UInt8](repeating: UInt8(ascii: " "), count: 64 << 20))
            let ping = RawWebSocket.frame(opcode: 9, [UInt8](repeating: 0, count: 125))
            try await socket.write([[UInt8]](repeating: ping, count: 256).flatMap(\.self))
            await consoles.whenOpen(0)
            try await socket.abort()
        }
    }

    @Test func `a console that does not read is not ready, and nothing piles up`() async throws {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            let console = try #require(consoles.consoles.first)
            try await socket.setReading(false)
            var sent = 0
            let message = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
            // Sockets hold some of it; then the feed is told to wait.
            while console.isReady, sent < 256 {
                console.send(message)
                sent += 1
                let deadline = ContinuousClock.now + .milliseconds(500)
                while !console.isReady, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            #expect(sent < 256)
            #expect(!console.isReady)
            try await socket.abort()
            await consoles.whenOpen(0)
        }
    }

    @Test func `a shutdown closes consoles with 1001`() async throws {
        let consoles = FakeConsoleHost()
        try await withEdge(consoles: consoles) { edge in
            let socket = try await open(edge)
            await consoles.whenOpen(1)
            await edge.shutDown()
            #expect(try await socket.closeCode() == 1001)
        }
    }
}
