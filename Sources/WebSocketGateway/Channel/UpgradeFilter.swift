import NIOCore
import NIOHTTP1
import RuntimePorts

/// Decides whether a request becomes a session, before the upgrade handler sees it, and has that handler see no other
/// request for an upgrade: swift-nio loses the head of a request whose upgrade is declined.
///
/// It also ends connections that send no first request, and idle ones on shutdown, before a handler is there that
/// would.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// The one subprotocol; a client that offers none gets it too.
    static let subprotocol = "collab.v1"

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
        if head.headers.contains(name: "Upgrade"), !Self.becomesSession(head) || !isOfAllowedOrigin(head) {
            head.headers.remove(name: "Upgrade")
        }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !hasRead { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func isOfAllowedOrigin(_ head: HTTPRequestHead) -> Bool {
        let host = head.headers.first(name: "Host")
        return head.headers["Origin"].allSatisfy { origins.allows($0, authority: host) }
    }

    /// Whether this is a WebSocket handshake (RFC 6455, section 4.2.1) for a document, with a subprotocol of ours or none.
    static func becomesSession(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        func has(_ name: String, _ token: String) -> Bool {
            headers[canonicalForm: name].contains { $0.lowercased() == token }
        }
        let key = headers["Sec-WebSocket-Key"]
        return head.method == .GET && head.version == .http1_1 && has("Upgrade", "websocket")
            && headers[canonicalForm: "Upgrade"].count == 1 && has("Connection", "upgrade")
            && headers["Sec-WebSocket-Version"] == ["13"] && key.count == 1 && key[0].utf8.count == 24
            && headers["Content-Length"].allSatisfy { $0 == "0" } && !headers.contains(name: "Transfer-Encoding")
            && (offersProtocol(head) || !headers.contains(name: "Sec-WebSocket-Protocol")) && address(head) != nil
    }

    static func offersProtocol(_ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains { $0 == subprotocol }
    }

    /// What the request asks for; `nil` when its path is not one of a document.
    static func address(_ head: HTTPRequestHead) -> SessionAddress? {
        let bearer = head.headers.first(name: "Authorization").flatMap { value in
            value.lowercased().hasPrefix("bearer ") ? String(value.dropFirst("bearer ".count)) : nil
        }
        return SessionAddress(
            target: head.uri, bearer: bearer, claimedUser: head.headers.first(name: "X-Collab-User"))
    }
}
