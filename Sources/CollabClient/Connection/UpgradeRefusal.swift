import NIOCore
import NIOHTTP1

/// The node answered, but not with an upgrade.
struct UpgradeRefusal: Error, CustomStringConvertible {
    let status: UInt
    /// The beginning of what it said.
    let body: String

    var description: String { "the node answered \(status) to the upgrade: \(body)" }
}

/// Reads the answer of a node that did not upgrade, and fails a promise with it.
final class UpgradeRefusalHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<Void>
    private var status: UInt = 0
    private var body = ""
    private var isDone = false
    private static let mostBytes = 300

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status.code
        case .body(let part):
            if body.utf8.count < Self.mostBytes { body += String(buffer: part).prefix(Self.mostBytes) }
        case .end: finish(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish(context) }

    private func finish(_ context: ChannelHandlerContext) {
        guard !isDone else { return }
        isDone = true
        promise.fail(UpgradeRefusal(status: status, body: body))
        context.close(promise: nil)
    }
}
