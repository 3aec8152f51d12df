import CollabModel
import Delta
import DocumentCore
import RuntimePorts
import SessionProtocol
import Testing
import WebSocketGateway

@Suite struct SessionMessageTests {
    @Test func `what a client sends reaches the runtime`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            try await socket.send(
                #"{"type":"operation","operationId":"a","version":3,"operation":[{"insert":"x"}],"cursor":1}"#)
            var delta = Delta()
            delta.insert("x", attributes: [:])
            #expect(await session.next() == .submit(OperationID("a")!, Version(3), delta, Presence(cursor: 1)))
            try await socket.send(#"{"type":"cursor","version":3,"position":5}"#)
            #expect(await session.next() == .presence(Version(3), Presence(cursor: 5)))
            try await socket.send(#"{"type":"selection","version":3,"range":{"index":1,"length":2}}"#)
            let range = SelectionRange(index: 1, length: 2)
            #expect(await session.next() == .presence(Version(3), Presence(selection: range)))
            try await socket.send(#"{"type":"resync"}"#)
            #expect(await session.next() == .resync)
            try await socket.send(#"{"type":"ping"}"#)
            #expect(try await socket.text() == #"{"type":"pong"}"#)
        }
    }

    @Test func `messages sent before the session is admitted are not lost`() async throws {
        try await withEdge { edge in
            let socket = try await RawWebSocket.connect(port: edge.port)
            let head =
                "GET /doc/\(TestEdge.document) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            let early = RawWebSocket.frame(opcode: 1, Array(#"{"type":"resync"}"#.utf8))
            try await socket.write(Array(head.utf8) + early + early)
            let session = await edge.host.next()
            #expect(await session.next() == .resync)
            #expect(await session.next() == .resync)
        }
    }

    @Test func `own operations are acks in version order between the others'`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            let (me, other) = (session.request.clientID, ClientID(Identifier128(high: 1, low: 2)))
            session.outbox.send(
                .commits([
                    committed(1, other, "o1"), committed(2, other, "o2"), committed(3, me, "m1"),
                    committed(4, other, "o3"),
                ]))
            let frames = try await [frame(socket), frame(socket), frame(socket)]
            guard case .operations(let before) = frames[0], case .ack(let id, let version, _) = frames[1],
                case .operations(let after) = frames[2]
            else {
                Issue.record("\(frames)")
                return
            }
            #expect(before.map(\.version.value) == [1, 2])
            #expect(id.text == "m1" && version.value == 3)
            #expect(after.map(\.version.value) == [4])
        }
    }

    @Test func `in a catch-up own operations are operations with their ids`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            let me = session.request.clientID
            session.outbox.send(
                .catchUp(
                    clientID: me, version: Version(1), operations: [committed(1, me, "m1")], clients: [],
                    permission: .edit,
                    digest: DocumentContent().digest, head: Version(2)))
            session.outbox.send(.catchUpOperations([committed(2, me, "m2")]))
            guard case .catchUp(let catchUp) = try await frame(socket),
                case .operations(let rest) = try await frame(socket)
            else {
                Issue.record("a catch-up and its rest")
                return
            }
            #expect(catchUp.operations.map(\.operationID?.text) == ["m1"])
            #expect(catchUp.head == Version(2))
            #expect(rest.map(\.operationID?.text) == ["m2"])
        }
    }

    @Test func `batches in any number and size arrive whole, in order, encoded once`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            let (second, other) = try await edge.session()
            let writer = ClientID(Identifier128(high: 1, low: 2))
            var version: Int64 = 0
            var sizes: [Int] = []
            for size in [1, 1, 1, 3, 1, 200, 1, 1] {
                let length = size == 200 ? 600 : version == 2 ? 70_000 : 3
                let operations = (0..<size).map { _ in
                    version += 1
                    return committed(version, writer, "o\(version)", String(repeating: "é", count: length))
                }
                sizes.append(size)
                let batch = SharedCommitBatch(CommitBatch(operations: operations, committedAtMicroseconds: 0))
                session.outbox.send(batch)
                other.outbox.send(batch)
                if size == 3 { session.outbox.send(.restored) }
            }
            for socket in [socket, second] {
                var seen: [Int64] = []
                while seen.count < Int(version) {
                    if case .operations(let operations) = try await frame(socket) {
                        seen += operations.map(\.version.value)
                    }
                }
                #expect(seen == Array(1...version))
            }
        }
    }

    @Test func `presence is told as cursor and selection`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            let other = ClientID(Identifier128(high: 1, low: 2))
            let range = SelectionRange(index: 1, length: 2)
            session.outbox.send(.presence(other, Version(1), Presence(cursor: 4)))
            session.outbox.send(.presence(other, Version(1), Presence(selection: range)))
            session.outbox.send(.presence(other, Version(1), Presence()))
            #expect(try await frame(socket) == .cursor(other, Version(1), 4))
            #expect(try await frame(socket) == .selection(other, Version(1), range))
            #expect(try await frame(socket) == .cursor(other, Version(1), nil))
        }
    }

    @Test func `fragments make a message, with control frames between them`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            try await socket.send(opcode: 1, final: false, Array(#"{"type":"#.utf8))
            try await socket.send(opcode: 9, [1, 2, 3])
            try await socket.send(opcode: 0, final: false, Array(#""resync"#.utf8))
            try await socket.send(opcode: 0, Array(#""}"#.utf8))
            #expect(try await socket.next() == RawWebSocket.Frame(opcode: 10, payload: [1, 2, 3]))
            #expect(await session.next() == .resync)
        }
    }

    private func frame(_ socket: RawWebSocket) async throws -> ServerFrame {
        try ServerFrame(decoding: Array(try await socket.text().utf8))
    }
}
