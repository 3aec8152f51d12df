import CollabModel
import Delta
import LocalCluster
import NIOCore
import NIOPosix
import SessionProtocol
import Testing

/// A WebSocket client of the session protocol that does exactly what a test says, also what no client should do.
///
/// It answers pings and closes, and nothing else by itself.
final class RawSession: Sendable {
    let channel: any Channel
    private let inbox: NIOLoopBound<RawInbox>

    private init(_ channel: any Channel, _ inbox: NIOLoopBound<RawInbox>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// Asks a node for a session and returns when the connection is upgraded.
    static func connect(to node: ClusterNode, _ document: String, query: String = "user=raw") async throws -> RawSession
    {
        try await connect(to: node, path: "/doc/\(document)?\(query)", subprotocol: "collab.v1")
    }

    /// Asks a node for any WebSocket and returns when the connection is upgraded.
    ///
    /// - Parameter takesBytes: whether messages are of another language than that of sessions, for ``nextBytes(within:)``.
    static func connect(
        to node: ClusterNode, path: String, subprotocol: String, takesBytes: Bool = false
    ) async throws -> RawSession {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (channel, inbox) = try await loop.flatSubmit {
            let handler = RawInbox()
            handler.takesBytes = takesBytes
            let inbox = NIOLoopBound(handler, eventLoop: loop)
            return ClientBootstrap(group: loop)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(inbox.value)
                    }
                }
                .connect(host: "127.0.0.1", port: node.port).map { ($0, inbox) }
        }.get()
        let session = RawSession(channel, inbox)
        let head = [
            "GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(node.port)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: \(subprotocol)",
        ]
        try await session.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let status = try await session.wait(for: "the answer to the upgrade") { $0.status }
        guard status == 101 else { throw RawSessionError.refused(status) }
        return session
    }

    /// Opens a session and takes its `init`.
    static func open(
        _ document: DocumentID, at node: ClusterNode, query: String = "user=raw"
    ) async throws -> (RawSession, ServerFrame.Opening) {
        let session = try await connect(to: node, document.description, query: query)
        let opening = try await session.next("init", within: .seconds(20)) { frame in
            if case .initial(let opening) = frame { opening } else { nil }
        }
        return (session, opening)
    }

    /// Opens a session again as an earlier client and takes its `catchup`.
    static func resume(
        _ document: DocumentID, at node: ClusterNode, as client: ClientID, from version: Version, user: String = "raw"
    ) async throws -> (RawSession, ServerFrame.CatchUp) {
        let query = "user=\(user)&clientId=\(client)&version=\(version)"
        let session = try await connect(to: node, document.description, query: query)
        let catchUp = try await session.next("catchup", within: .seconds(20)) { frame in
            if case .catchUp(let catchUp) = frame { catchUp } else { nil }
        }
        return (session, catchUp)
    }

    // MARK: Sending

    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    /// Sends bytes that the node may refuse to read to the end.
    func writeRegardless(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    func send(_ text: String) async throws { try await write(RawFrame.encode(opcode: 1, Array(text.utf8))) }

    /// Sends an operation whose ops are given as JSON.
    func submit(_ id: String, at version: Version, _ ops: String) async throws {
        try await send(Self.operation(id, at: version, ops))
    }

    /// The message of an operation.
    static func operation(_ id: String, at version: Version, _ ops: String) -> String {
        #"{"type":"operation","operationId":"\#(id)","version":\#(version),"operation":\#(ops)}"#
    }

    /// Ends the connection without a word.
    func abort() async { try? await channel.close().get() }

    /// Ends the sending half, and goes on to listen.
    func finishSending() async throws { try await channel.close(mode: .output).get() }

    func answerPings(_ answers: Bool) async throws {
        let inbox = inbox
        try await channel.eventLoop.submit { inbox.value.answersPings = answers }.get()
    }

    func setReading(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

    // MARK: Receiving

    /// The next message as its bytes.
    func nextBytes(within limit: TimeAmount = .seconds(10)) async throws -> [UInt8] {
        try await wait(for: "a message", within: limit) { inbox in
            inbox.texts.isEmpty ? nil : inbox.texts.removeFirst()
        }
    }

    /// Takes messages until one is picked; those before it are gone.
    func next<Value: Sendable>(
        _ what: String, within limit: TimeAmount = .seconds(10),
        _ pick: @escaping @Sendable (ServerFrame) -> Value?
    ) async throws -> Value {
        try await wait(for: what, within: limit) { inbox in
            while !inbox.messages.isEmpty {
                if let value = pick(inbox.messages.removeFirst()) { return value }
            }
            return nil
        }
    }

    /// The ack of an operation.
    func ack(of id: String, within limit: TimeAmount = .seconds(10)) async throws -> (version: Version, digest: Digest)
    {
        try await next("the ack of \(id)", within: limit) { frame in
            if case .ack(let acked, let version, let digest) = frame, acked.text == id {
                (version, digest)
            } else {
                nil
            }
        }
    }

    /// The next error.
    func error() async throws -> ErrorCode {
        try await next("an error") { if case .error(let code, _, _) = $0 { code } else { nil } }
    }

    /// The next `resync`.
    func resync() async throws -> ServerFrame.Resync {
        try await next("a resync") { if case .resync(let resync) = $0 { resync } else { nil } }
    }

    /// Returns when a ping has been answered: the session is alive, and what was sent before has been taken.
    func ping() async throws {
        try await send(#"{"type":"ping"}"#)
        try await next("pong") { $0 == .pong ? () : nil }
    }

    /// Waits for a close frame or the end of the connection; answers the code.
    func closeCode(within limit: TimeAmount = .seconds(15)) async throws -> UInt16? {
        try await wait(for: "the end", within: limit) { inbox in
            inbox.closeCode != nil || inbox.isOver ? .some(inbox.closeCode) : nil
        }
    }

    /// Checks that the node ends the connection with this code.
    func expectClose(_ code: CloseCode, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let found = try await closeCode()
        #expect(found == code.rawValue, sourceLocation: sourceLocation)
    }

    private func wait<Value: Sendable>(
        for what: String, within limit: TimeAmount = .seconds(10), _ pick: @escaping @Sendable (RawInbox) -> Value?
    ) async throws -> Value {
        let inbox = inbox
        let loop = channel.eventLoop
        return try await loop.flatSubmit { inbox.value.wait(for: what, within: limit, on: loop, pick) }.get()
    }
}
