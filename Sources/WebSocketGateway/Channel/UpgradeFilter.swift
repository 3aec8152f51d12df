import NIOCore
import NIOHTTP1
import RuntimePorts
import URLSyntax

/// Decides whether a request becomes a session or a console, before the upgrade handler sees it, and has that handler see no other
/// request for an upgrade: swift-nio loses the head of a request whose upgrade is declined.
///
/// It also ends connections that send no first request, or one that is not HTTP, and idle ones on shutdown, before a
/// handler is there that would.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// What a connection becomes.
    enum Destination {
        case session(SessionAddress)
        case console(Credentials)

        /// The one subprotocol; a client that offers none gets it too.
        var subprotocol: String {
            switch self {
            case .session: "collab.v1"
            case .console: "collab.console.v1"
            }
        }
    }

    private static let consolePath = "/api/console"
    private static let lingering = TimeAmount.seconds(1)

    private let requestWithin: TimeAmount
    private let origins: OriginPolicy
    private var deadline: Scheduled<Void>?
    private var hasRead = false

    init(requestWithin: TimeAmount, origins: OriginPolicy) {
        self.requestWithin = requestWithin
        self.origins = origins
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: requestWithin) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = Self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        hasRead = true
        deadline?.cancel()
        deadline = nil
        // What does not become a session is answered by HTTP, which says why: another origin is forbidden there too.
        if head.headers.contains(name: "Upgrade"), !Self.isUpgrade(head) || !isOfAllowedOrigin(head) {
            head.headers.remove(name: "Upgrade")
        }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !hasRead { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// The first request is not HTTP, or its head is too large (the decoder allows 80 KiB): nobody else would answer.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !hasRead, let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        hasRead = true
        deadline?.cancel()
        var status = HTTPResponseStatus.badRequest
        if case .headerOverflow = error { status = .requestHeaderFieldsTooLarge }
        let head = HTTPResponseHead(
            version: .http1_1, status: status, headers: ["Connection": "close", "Content-Length": "0"])
        context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        let channel = context.channel
        // What the client still sends is read for a moment: a reset would take the answer from it.
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil))).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
        }
        deadline = context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
    }

    private func isOfAllowedOrigin(_ head: HTTPRequestHead) -> Bool {
        let host = head.headers.first(name: "Host")
        return head.headers["Origin"].allSatisfy { origins.allows($0, authority: host) }
    }

    /// Whether this is a WebSocket handshake (RFC 6455, section 4.2.1) for a place of ours, with its subprotocol or none.
    static func isUpgrade(_ head: HTTPRequestHead) -> Bool {
        guard let destination = destination(head) else { return false }
        let headers = head.headers
        func has(_ name: String, _ token: String) -> Bool {
            headers[canonicalForm: name].contains { $0.lowercased() == token }
        }
        let key = headers["Sec-WebSocket-Key"]
        return head.method == .GET && head.version == .http1_1 && has("Upgrade", "websocket")
            && headers[canonicalForm: "Upgrade"].count == 1 && has("Connection", "upgrade")
            && headers["Sec-WebSocket-Version"] == ["13"] && key.count == 1 && key[0].utf8.count == 24
            && headers["Content-Length"].allSatisfy { $0 == "0" } && !headers.contains(name: "Transfer-Encoding")
            && (offers(destination, head) || !headers.contains(name: "Sec-WebSocket-Protocol"))
    }

    static func offers(_ destination: Destination, _ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains { $0 == destination.subprotocol }
    }

    /// What the request asks for; `nil` when its path is neither one of a document nor the console's.
    static func destination(_ head: HTTPRequestHead) -> Destination? {
        guard let target = try? RequestTarget(head.uri) else { return nil }
        let bearer = head.headers.first(name: "Authorization").flatMap { value in
            value.lowercased().hasPrefix("bearer ") ? String(value.dropFirst("bearer ".count)) : nil
        }
        let claimedUser = head.headers.first(name: "X-Collab-User")
        if let address = SessionAddress(target: target, bearer: bearer, claimedUser: claimedUser) {
            return .session(address)
        }
        guard target.path == consolePath else { return nil }
        let parameters = target.parameters
        return .console(
            Credentials(
                token: bearer ?? parameters["token"], claimedUser: parameters["user"] ?? claimedUser,
                claimedName: parameters["name"]))
    }
}
