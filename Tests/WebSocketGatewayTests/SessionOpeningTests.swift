import CollabModel
import Delta
import DocumentCore
import NIOCore
import RuntimePorts
import SessionProtocol
import Testing
import WebSocketGateway

@Suite struct SessionOpeningTests {
    @Test func `a session is upgraded with the subprotocol, attached, and spoken to first`() async throws {
        try await withEdge { edge in
            let (socket, session) = try await edge.session("user=ann&name=Ann%20Lee")
            #expect(socket.responseHead.hasPrefix("HTTP/1.1 101"))
            #expect(socket.responseHead.lowercased().contains("sec-websocket-protocol: collab.v1"))
            // RFC 6455, section 1.3, has this key and answer.
            #expect(socket.responseHead.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(session.request.profile.userID.text == "ann")
            #expect(session.request.profile.name == "Ann Lee")
            #expect(session.request.permission == .edit)
            #expect(session.request.isNewClient)
            #expect(session.request.resume == nil)
            #expect(session.document.description == TestEdge.document)
            session.outbox.send(.initial(try session.state("hello\n")))
            guard case .initial(let opening) = try ServerFrame(decoding: Array(try await socket.text().utf8)) else {
                Issue.record("the first message is init")
                return
            }
            #expect(opening.clientID == session.request.clientID)
            #expect(opening.content == (try session.state("hello\n").content.delta))
        }
    }

    @Test func `a client that offers no subprotocol gets a session too`() async throws {
        try await withEdge { edge in
            let socket = try await RawWebSocket.open(port: edge.port, "/doc/\(TestEdge.document)", headers: [])
            #expect(!socket.responseHead.lowercased().contains("sec-websocket-protocol"))
            #expect(await edge.host.next().request.profile.userID.text == "anonymous")
        }
    }

    @Test(arguments: [
        (TestEdge.member, true), ("http://localhost:3002", true), ("https://docs.test", true),
        ("http://evil.example", false), ("null", false), ("file://", false), ("http://127.0.0.1:1", false),
    ])
    func `a page of the cluster's origins gets a session, and no other page does`(origin: String, isAllowed: Bool)
        async throws
    {
        try await withEdge { edge in
            let socket = try await RawWebSocket.open(
                port: edge.port, "/doc/\(TestEdge.document)", headers: ["Origin: \(origin)"])
            #expect(socket.responseHead.hasPrefix(isAllowed ? "HTTP/1.1 101" : "HTTP/1.1 403"))
        }
    }

    @Test func `a returning client resumes with its id, version and digest`() async throws {
        try await withEdge { edge in
            let (first, one) = try await edge.session("user=ann")
            let digest = DocumentContent().digest
            let (_, two) = try await edge.session(
                "user=ann&clientId=\(one.request.clientID)&version=7&digest=\(digest)&connection=12")
            #expect(two.request.clientID == one.request.clientID)
            #expect(!two.request.isNewClient)
            #expect(one.request.order == nil)
            #expect(two.request.order == ConnectionOrder(12))
            #expect(two.request.resume == SessionRequest.Resume(version: Version(7), digest: digest))
            try await first.abort()
        }
    }

    @Test func `another user's client id is refused with 4403`() async throws {
        try await withEdge { edge in
            let (_, one) = try await edge.session("user=ann")
            let socket = try await edge.open("user=bob&clientId=\(one.request.clientID)")
            #expect(try await socket.closeCode() == 4403)
            let made = try await edge.open("user=bob&clientId=00112233-4455-4677-8899-aabbccddeeff")
            #expect(try await made.closeCode() == 4403)
        }
    }

    @Test(arguments: [
        ("clientId=seven", 1008), ("version=x&clientId=VALID", 1008), ("version=1&digest=z&clientId=VALID", 1008),
        ("version=99999999999999999999999&clientId=VALID", 1008), ("connection=-1", 1008),
        ("connection=+1", 1008), ("connection=9007199254740992", 1008), ("connection=", 1008),
    ])
    func `malformed parameters are refused`(query: String, code: Int) async throws {
        try await withEdge { edge in
            var generator = SystemRandomNumberGenerator()
            let client = edge.mint.make(
                for: UserID("anonymous")!, on: DocumentID(TestEdge.document)!, using: &generator)
            let socket = try await edge.open(query.replacing("VALID", with: client.description))
            #expect(try await socket.closeCode() == code)
        }
    }

    @Test func `authentication and authorization are told as close codes`() async throws {
        let access = StrictAccess()
        try await withEdge(authenticator: access, authorizer: access) { edge in
            #expect(try await edge.open().closeCode() == 4401)
            #expect(try await edge.open("token=bad").closeCode() == 4401)
            #expect(try await edge.open("token=down").closeCode() == 1013)
            let other = "00000002-0000-4000-8000-000000000000"
            #expect(try await edge.open("token=good", document: other).closeCode() == 4404)
            #expect(try await edge.open("token=good", document: "no-uuid").closeCode() == 4404)
            let (_, session) = try await edge.session("token=viewer")
            #expect(session.request.permission == .view)
            let bearer = try await RawWebSocket.open(
                port: edge.port, "/doc/\(TestEdge.document)", headers: ["Authorization: Bearer good"])
            #expect(await edge.host.next().request.profile.userID.text == "ann")
            try await bearer.abort()
        }
    }

    @Test func `a refused session costs no place`() async throws {
        var configuration = TestEdge.configuration
        configuration.sessionsPerNode = 1
        let access = StrictAccess()
        try await withEdge(configuration, authenticator: access, authorizer: access) { edge in
            for _ in 0..<3 {
                #expect(try await edge.open("token=bad").closeCode() == 4401)
                await edge.gateway.sessionsOver()
            }
            _ = try await edge.session("token=good")
        }
    }

    @Test func `what is no upgrade for a document is answered by HTTP, whole`() async throws {
        try await withEdge { edge in
            for (target, headers, status) in [
                ("/doc/\(TestEdge.document)", [String](), "426"),
                ("/healthz", ["Upgrade: websocket", "Connection: Upgrade"], "200"),
                ("/doc/\(TestEdge.document)", ["Upgrade: websocket", "Connection: Upgrade"], "426"),
                ("/doc/x/y", ["Upgrade: h2c", "Connection: Upgrade"], "404"),
                (
                    "/doc/\(TestEdge.document)",
                    [
                        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 12",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    ], "426"
                ),
                (
                    "/doc/\(TestEdge.document)",
                    [
                        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: other.v1",
                    ], "426"
                ),
            ] {
                let socket = try await RawWebSocket.connect(port: edge.port)
                let lines = ["GET \(target) HTTP/1.1", "Host: x"] + headers.filter { !$0.hasPrefix("Connection") }
                let connection =
                    headers.contains { $0.hasPrefix("Connection") } ? "Connection: Upgrade, close" : "Connection: close"
                try await socket.write(Array((lines + [connection, "", ""]).joined(separator: "\r\n").utf8))
                // The server may have answered and closed already.
                try? await socket.channel.close(mode: .output).get()
                #expect(await socket.rest().hasPrefix("HTTP/1.1 \(status)"), "\(target) \(headers)")
            }
        }
    }
}
