import CollabModel
import Delta
import DocumentCore
import NIOCore
import NIOWebSocket
import SessionProtocol
import URLSyntax

/// A session's connection at the server.
final class LoopbackSession: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let state: LoopbackState
    let address: Int
    private let target: String
    private let token: SessionToken
    private var clientID = ClientID(Identifier128(high: 0, low: 0))
    private var document: LoopbackDocument?
    private var context: ChannelHandlerContext?
    private var hasWritten = false

    init(state: LoopbackState, address: Int, target: String) {
        self.state = state
        self.address = address
        self.target = target
        token = state.nextToken()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        state.opened(self)
        guard !state.faults.isSilent else { return }
        if state.faults.cutsAtOnce { return cut() }
        if let code = state.faults.closesWith { return close(code, "told to") }
        guard let target = try? RequestTarget(target), let id = DocumentID(target.path.dropFirst("/doc/".count)),
            let document = state.documents[id]
        else { return close(.notFound, "no such document") }
        let query = target.parameters
        self.document = document
        let known = query["clientId"].flatMap { ClientID($0) }
        clientID = known ?? ClientID(.random(using: &state.generator))
        let user = query["user"].flatMap { UserID($0) } ?? LoopbackEncoding.anonymous
        var resume: SessionRequest.Resume?
        if known != nil, let version = query["version"].flatMap({ Int64($0) }) {
            resume = .init(version: Version(version), digest: query["digest"].flatMap { Digest($0) })
        }
        document.attach(
            self, token,
            SessionRequest(
                clientID: clientID,
                profile: ClientProfile(userID: user, name: query["name"] ?? user.text, color: "#1d5fa8"),
                permission: .edit, resume: resume, isNewClient: known == nil,
                order: query["connection"].flatMap { ConnectionOrder($0) }))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        document?.detach(token)
        state.closed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !state.faults.isSilent else { return }
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: receive(frame.unmaskedData)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    private func receive(_ message: ByteBuffer) {
        let frame: ClientFrame
        do {
            frame = try message.withUnsafeReadableBytes { (bytes) throws(FrameError) in
                try ClientFrame(decoding: bytes.bindMemory(to: UInt8.self))
            }
        } catch {
            return write(ServerFrame.error(error.code, error.message, error.operationID).jsonUTF8)
        }
        switch frame {
        case .operation(let id, let base, let delta, let presence, _):
            state.receivedOperations += 1
            document?.submit(token, clientID, id, base: base, delta, presence)
        case .cursor(let version, let position):
            document?.enqueue(.presence(token, version, Presence(cursor: position)))
        case .selection(let version, let range):
            document?.enqueue(.presence(token, version, Presence(selection: range)))
        case .resync: document?.enqueue(.resync(token))
        case .ping:
            write(ServerFrame.pong.jsonUTF8)
            flush()
        }
    }

    // MARK: Sending

    func send(_ event: SessionEvent) {
        for message in LoopbackEncoding.messages(event, to: clientID) {
            if state.faults.cutsInsteadOfAck > 0, message.starts(with: #"{"type":"ack""#.utf8) {
                state.faults.cutsInsteadOfAck -= 1
                return cut()
            }
            write(message)
        }
    }

    func write(_ message: [UInt8]) {
        guard let context, !state.faults.isSilent else { return }
        hasWritten = true
        let frame = WebSocketFrame(
            fin: true, opcode: .text, data: context.channel.allocator.buffer(bytes: message))
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    func flush() {
        guard hasWritten else { return }
        hasWritten = false
        context?.flush()
    }

    func close(_ code: CloseCode, _ reason: String) {
        guard let context else { return }
        var payload = context.channel.allocator.buffer(capacity: 2 + reason.utf8.count)
        payload.writeInteger(code.rawValue)
        payload.writeString(reason)
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)), promise: nil)
        context.close(promise: nil)
    }

    /// Ends the connection without a word.
    func cut() { context?.close(promise: nil) }
}
