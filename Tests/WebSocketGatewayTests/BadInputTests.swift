import CollabModel
import DocumentCore
import RuntimePorts
import SessionProtocol
import Testing
import WebSocketGateway

@Suite struct BadInputTests {
    @Test(arguments: [
        "", "{", "null", "hello", #"{"type":"hello"}"#, #"{"type":"cursor"}"#, "\u{FEFF}{}",
        #"{"type":"cursor","version":-3,"position":0}"#,
        #"{"type":"ping","x":"\#("\u{1}")"}"#,
    ])
    func `a message that is none is answered by an error, and the session goes on`(text: String) async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            try await socket.send(text)
            #expect(try await socket.text().contains(#""code":"protocol_error""#))
            try await socket.send(#"{"type":"resync"}"#)
            #expect(await session.next() == .resync)
        }
    }

    @Test func `deep nesting is a message that is none`() async throws {
        try await withEdge { edge in
            let (socket, _) = try await edge.session()
            try await socket.send(String(repeating: "[", count: 500_000))
            #expect(try await socket.text().contains(#""code":"protocol_error""#))
        }
    }

    @Test func `who keeps sending nonsense is closed with 1008`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            // The server may have closed before all is written.
            for _ in 0..<20 { guard (try? await socket.send("{")) != nil else { break } }
            #expect(try await socket.closeCode() == 1008)
            #expect(await session.next() == .detached)
        }
    }

    @Test func `bytes that are not UTF-8 are no message`() async throws {
        try await withEdge { edge in
            let (socket, _) = try await edge.session()
            try await socket.send(opcode: 1, Array(#"{"type":"\#("x")"#.utf8) + [0xFF, 0xFE, 0x22, 0x7D])
            #expect(try await socket.text().contains(#""code":"protocol_error""#))
        }
    }

    @Test(arguments: [
        #"[{"retain":0}]"#, #"[{"delete":-1}]"#, #"[{"delete":1e300}]"#, #"[{"retain":9007199254740991}]"#,
        #"[{"insert":"\ud83d"}]"#, #"[{"insert":"\u0000"}]"#, #"[{"insert":"x","attributes":{"a":"\u0000"}}]"#,
        #"[{"insert":{"a":"\u0000"}}]"#,
        #"[{"delete":1},{"insert":"x"}]"#, #"[{"insert":""}]"#,
        #"[{"move":1}]"#,
    ])
    func `an operation that cannot be one is refused, followed by a resync that names it`(operation: String)
        async throws
    {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            try await socket.send(#"{"type":"operation","operationId":"bad","version":0,"operation":\#(operation)}"#)
            let error = try await socket.text()
            #expect(error.contains(#""code":"invalid_operation""#) && error.contains(#""operationId":"bad""#))
            #expect(await session.next() == .resync)
            session.outbox.send(.resync(try session.state("\n"), reason: "asked", rejected: nil))
            let resync = try await socket.text()
            #expect(resync.contains(#""rejected":"bad""#) && resync.contains(#""reason":"invalid_operation""#))
            session.outbox.send(.resync(try session.state("\n"), reason: "asked", rejected: nil))
            #expect(try await !socket.text().contains(#""rejected""#))
        }
    }

    @Test func `an operation above the limit is too large, and the session goes on`() async throws {
        var configuration = TestEdge.configuration
        configuration.limits.operationBytes = 1_000
        try await withEdge(configuration) { edge in
            let (socket, session) = try await edge.session()
            let text = String(repeating: "x", count: 1_000)
            try await socket.send(
                #"{"type":"operation","operationId":"big","version":0,"operation":[{"insert":"\#(text)"}]}"#)
            #expect(try await socket.text().contains(#""code":"too_large""#))
            #expect(await session.next() == .resync)
        }
    }

    @Test func `a million attributes are refused by size before they are read`() async throws {
        try await withEdge { edge in
            let (socket, _) = try await edge.session()
            let attributes = (0..<120_000).map { #""a\#($0)":1"# }.joined(separator: ",")
            try await socket.send(
                #"{"type":"operation","operationId":"m","version":0,"operation":[{"insert":"x","attributes":{\#(attributes)}}]}"#
            )
            #expect(try await socket.text().contains(#""code":"too_large""#))
        }
    }

    @Test func `a frame of 10 MB is closed with 1009 while it is being sent`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            let sending = RawWebSocket.frame(opcode: 1, [UInt8](repeating: 0x20, count: 10 << 20))
            try? await socket.write(sending)
            #expect(try await socket.closeCode() == 1009)
            #expect(await session.next() == .detached)
        }
    }

    @Test func `fragments that add up to too much are closed with 1009`() async throws {
        var configuration = TestEdge.configuration
        configuration.limits.frameBytes = 10_000
        try await withEdge(configuration) { edge in
            let (socket, _) = try await edge.session()
            let part = [UInt8](repeating: 0x20, count: 6_000)
            try await socket.send(opcode: 1, final: false, part)
            try await socket.send(opcode: 0, final: false, part)
            #expect(try await socket.closeCode() == 1009)
        }
    }

    @Test(arguments: [
        "binary", "unmasked", "reserved", "opcode", "continuation", "nested", "fragmented ping", "long ping",
    ])
    func `what breaks WebSocket is closed with 1008`(kind: String) async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            let ping = Array(#"{"type":"ping"}"#.utf8)
            switch kind {
            case "binary": try await socket.send(opcode: 2, ping)
            case "unmasked": try await socket.send(opcode: 1, masked: false, ping)
            case "reserved": try await socket.send(opcode: 1, reserved: 0x40, ping)
            case "opcode": try await socket.send(opcode: 3, ping)
            case "continuation": try await socket.send(opcode: 0, ping)
            case "nested":
                try await socket.send(opcode: 1, final: false, ping)
                try await socket.send(opcode: 1, ping)
            case "fragmented ping": try await socket.send(opcode: 9, final: false, [])
            default: try await socket.send(opcode: 9, [UInt8](repeating: 0, count: 126))
            }
            #expect(try await socket.closeCode() == 1008)
            #expect(await session.next() == .detached)
        }
    }

    @Test(arguments: [
        ("\u{0}\u{1}\r\n\r\n", "400"), ("GARBAGE\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", "431"),
    ])
    func `bytes that are no HTTP are answered, end the connection, and the server goes on`(
        request: String, status: String
    ) async throws {
        // Only by its answer does the connection end in the time of a test.
        var configuration = TestEdge.configuration
        configuration.requestWithin = .seconds(600)
        try await withEdge(configuration) { edge in
            let socket = try await RawWebSocket.connect(port: edge.port)
            try await socket.write(Array(request.utf8))
            #expect(await socket.rest().hasPrefix("HTTP/1.1 \(status) "))
            let (_, session) = try await edge.session()
            #expect(session.request.permission == .edit)
        }
    }
}
