import CollabModel
import DocumentCore
import RuntimePorts
import SessionProtocol
import Testing
import WebSocketGateway

@Suite struct SessionLimitTests {
    @Test func `operations above the rate are refused by id and may be sent again`() async throws {
        var configuration = TestEdge.configuration
        configuration.limits.operationsPerSecond = 1
        configuration.operationBurst = 2
        try await withEdge(configuration) { edge in
            let (socket, session) = try await edge.session()
            for id in ["a", "b", "c"] {
                try await socket.send(
                    #"{"type":"operation","operationId":"\#(id)","version":0,"operation":[{"insert":"x"}]}"#)
            }
            let error = try await socket.text()
            #expect(error.contains(#""code":"rate_limited""#) && error.contains(#""operationId":"c""#))
            guard case .submit(let a, _, _, _) = await session.next(),
                case .submit(let b, _, _, _) = await session.next()
            else {
                Issue.record("two operations are submitted")
                return
            }
            #expect([a.text, b.text] == ["a", "b"])
        }
    }

    @Test func `messages far above the rate close the session with 1008`() async throws {
        var configuration = TestEdge.configuration
        configuration.messagesPerSecond = 1
        configuration.messageBurst = 10
        try await withEdge(configuration) { edge in
            let (socket, _) = try await edge.session()
            // So many that a machine that stands still for some seconds does not earn them.
            for _ in 0..<60 { try await socket.send(#"{"type":"cursor","version":0,"position":0}"#) }
            #expect(try await socket.closeCode() == 1008)
        }
    }

    @Test func `resyncs above the rate are refused`() async throws {
        try await withEdge { edge in
            let (socket, _) = try await edge.session()
            for _ in 0..<8 { try await socket.send(#"{"type":"resync"}"#) }
            #expect(try await socket.text().contains(#""code":"rate_limited""#))
        }
    }

    @Test func `many operations that are refused with a whole document end the session`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            for index in 0..<40 {
                session.outbox.send(.error(.conflict, "built on nothing", OperationID("c\(index)")))
                session.outbox.send(.error(.unavailable, "later", OperationID("u\(index)")))
            }
            #expect(try await socket.closeCode() == 1008)
            #expect(await session.next() == .detached)
        }
    }

    @Test func `operations that may be sent again do not end a session`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session()
            for index in 0..<40 { session.outbox.send(.error(.unavailable, "later", OperationID("u\(index)"))) }
            for _ in 0..<40 { #expect(try await socket.text().contains("unavailable")) }
            try await socket.send(#"{"type":"ping"}"#)
            #expect(try await socket.text().contains("pong"))
        }
    }

    @Test func `sessions above the bound of a document or of the node are told to back off`() async throws {
        var configuration = TestEdge.configuration
        configuration.sessionsPerDocument = 1
        configuration.sessionsPerNode = 2
        try await withEdge(configuration) { edge in
            let (first, session) = try await edge.session()
            #expect(try await edge.open().closeCode() == 1013)
            let other = try await edge.open(document: "00000002-0000-4000-8000-000000000000")
            _ = await edge.host.next()
            #expect(try await edge.open(document: "00000003-0000-4000-8000-000000000000").closeCode() == 1013)
            try await first.abort()
            try await other.abort()
            #expect(await session.next() == .detached)
            await edge.gateway.sessionsOver()
            _ = try await edge.session()
        }
    }

    @Test func `a session that does not read is reported full, and drained when it reads`() async throws {
        var configuration = TestEdge.configuration
        configuration.outboxBytes = 16 << 20
        try await withEdge(configuration) { edge in
            let (socket, session) = try await edge.session()
            try await socket.setReading(false)
            let bulk = String(repeating: "x", count: 1 << 20)
            // More than the outbox and what the sockets of a loopback connection hold.
            for _ in 0..<26 { session.outbox.send(.degraded(bulk)) }
            #expect(await session.next() == .full)
            try await socket.setReading(true)
            #expect(await session.next() == .drained)
            for _ in 0..<26 { #expect(try await socket.text().utf8.count > bulk.utf8.count) }
        }
    }

    @Test func `a session that does not read and is sent more all the same is ended`() async throws {
        var configuration = TestEdge.configuration
        configuration.outboxBytes = 1 << 20
        configuration.closeWithin = .milliseconds(100)
        try await withEdge(configuration) { edge in
            let (socket, session) = try await edge.session()
            try await socket.setReading(false)
            let bulk = String(repeating: "x", count: 1 << 20)
            var call: FakeSession.Call?
            repeat {
                for _ in 0..<16 { session.outbox.send(.degraded(bulk)) }
                call = await session.next()
            } while call != .detached
            await edge.gateway.sessionsOver()
            try await socket.abort()
        }
    }
}
