import CollabModel
import DocumentCore
import Foundation
import NIOCore
import RuntimePorts
import Testing
import WebSocketGateway

@Suite struct SessionEndingTests {
    @Test(arguments: [CloseCode.replaced, .deleted, .notFound, .forbidden, .nodeLeaving, .overloaded])
    func `the runtime closes with a code, after what it has sent before`(code: CloseCode) async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            session.outbox.send(.permission(.view))
            session.outbox.close(code, String(repeating: "ü", count: 200))
            session.outbox.send(.restored)
            #expect(try await socket.text() == #"{"type":"permission","permission":"view"}"#)
            #expect(try await socket.closeCode() == Int(code.rawValue))
            #expect(await session.next() == .detached)
            #expect(await session.next() == nil)
        }
    }

    @Test(
        arguments: [([0x03, 0xE8], 1000), ([0x0F, 0xA0], 4000), ([], 1000), ([0x03, 0xED], 1000), ([0x01], 1000)]
            as [([UInt8], Int)])
    func `a client's close is answered`(payload: [UInt8], code: Int) async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            try await socket.send(opcode: 8, payload)
            #expect(try await socket.closeCode() == code)
            #expect(await session.next() == .detached)
        }
    }

    @Test func `a client that does not answer a close is cut off`() async throws {
        var configuration = TestEdge.configuration
        configuration.closeWithin = .milliseconds(50)
        try await withEdge(configuration) { edge in
            let (socket, session) = try await edge.session()
            session.outbox.close(.replaced, "")
            #expect(try await socket.next()?.closeCode == 4408)
            #expect(try await socket.next() == nil)
        }
    }

    @Test func `a silent client is pinged; who answers stays, who does not is cut off`() async throws {
        var configuration = TestEdge.configuration
        configuration.pingAfter = .milliseconds(60)
        configuration.pongWithin = .seconds(4)
        try await withEdge(configuration) { edge in
            let (socket, session) = try await edge.session()
            for _ in 0..<4 {
                #expect(try await socket.next()?.opcode == 9)
                try await socket.send(opcode: 10, [])
            }
            #expect(try await socket.next()?.opcode == 9)
            // A half-open connection looks like this: the socket is there, nobody answers.
            #expect(try await socket.next() == nil)
            #expect(await session.next() == .detached)
        }
    }

    @Test func `a shutdown closes every session with 1001 and waits for them`() async throws {
        try await withEdge { edge in
            var sockets: [RawWebSocket] = []
            for _ in 0..<5 { sockets.append(try await edge.session().0) }
            await edge.shutDown()
            for socket in sockets { #expect(try await socket.closeCode() == 1001) }
            await edge.gateway.sessionsOver()
            #expect(edge.gateway.sessions == 0)
        }
    }

    @Test func `abruptly closed clients leave no socket behind`() async throws {
        try await withEdge { edge in
            for round in 0..<3 {
                var sockets: [RawWebSocket] = []
                for _ in 0..<20 { sockets.append(try await edge.session().0) }
                for (index, socket) in sockets.enumerated() {
                    if (index + round) % 2 == 0 {
                        try await socket.abort()
                    } else {
                        try await socket.channel.close().get()
                    }
                }
                await edge.gateway.sessionsOver()
            }
            #expect(try openSockets(port: edge.port) == 0)
        }
    }

    @Test func `a half-closed client is closed`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            try await socket.channel.close(mode: .output).get()
            #expect(await session.next() == .detached)
            #expect(try await socket.next() == nil)
        }
    }

    @Test func `a connection that asks for nothing is closed`() async throws {
        var configuration = TestEdge.configuration
        configuration.requestWithin = .milliseconds(50)
        try await withEdge(configuration) { edge in
            let socket = try await RawWebSocket.connect(port: edge.port)
            #expect(await socket.rest() == "")
        }
    }

    /// Sockets of the server on this port that still hold a connection or wait for the program to close them.
    private func openSockets(port: Int) throws -> Int {
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
        let local = ":" + String(format: "%04X", port)
        return table.split(separator: "\n").dropFirst().count { line in
            let fields = line.split(separator: " ")
            // 01 is ESTABLISHED, 08 is CLOSE_WAIT.
            return fields.count > 3 && fields[1].hasSuffix(local) && ["01", "08"].contains(fields[3])
        }
    }
}
