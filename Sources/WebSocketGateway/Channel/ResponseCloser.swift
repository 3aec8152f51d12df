import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends an HTTP connection after a response that says `Connection: close`, which Hummingbird leaves to the client.
///
/// A refusal may come before all of the request has: what still comes is read for a while and thrown away, since a
/// socket closed with unread bytes would take the response back (RFC 9112, section 9.6).
final class ResponseCloser: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let lingering: TimeAmount
    private var closes = false

    init(lingering: TimeAmount) { self.lingering = lingering }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = Self.unwrapOutboundIn(data)
        if case .head(let head) = part, head.headerFields[.connection] == "close" { closes = true }
        context.write(data, promise: promise)
        guard closes, case .end = part else { return }
        context.flush()
        let channel = context.channel
        channel.close(mode: .output, promise: nil)
        _ = context.eventLoop.scheduleTask(in: lingering) { channel.close(promise: nil) }
    }
}
