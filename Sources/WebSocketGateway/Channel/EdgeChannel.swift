import CollabModel
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket
import SessionProtocol

/// A connection of the edge: HTTP/1.1 for Hummingbird, until an upgrade makes it a session or a console.
package struct EdgeChannel: HTTPChannelHandler {
    /// What became of a connection's first request.
    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        /// The session's or the console's handler does the rest, without a task.
        case webSocket
    }

    package struct Value: ServerChildChannelValue {
        package let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    package let responder: HTTPChannelHandler.Responder
    let gateway: SessionGateway

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let encoder = HTTPResponseEncoder()
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            let filter = UpgradeFilter(requestWithin: gateway.times.requestWithin, origins: gateway.origins)
            let upgrade = NIOTypedHTTPServerUpgradeHandler<Outcome>(
                httpEncoder: encoder, extraHTTPHandlers: [decoder, filter],
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                    upgraders: [upgrader()],
                    notUpgradingCompletionHandler: { channel in self.serveHTTP(channel, logger) }))
            try pipeline.addHandlers([encoder, decoder, filter, upgrade])
            return Value(channel: channel, outcome: upgrade.upgradeResultFuture)
        }
    }

    package func handle(value: Value, logger: Logger) async {
        let outcome: Outcome
        do {
            outcome = try await value.outcome.get()
        } catch {
            // The connection ended, or broke HTTP, before it was clear what it is.
            value.channel.close(promise: nil)
            return
        }
        if case .http(let channel) = outcome { await handleHTTP(asyncChannel: channel, logger: logger) }
    }

    private func upgrader() -> NIOTypedWebSocketServerUpgrader<Outcome> {
        NIOTypedWebSocketServerUpgrader(
            maxFrameSize: gateway.configuration.limits.frameBytes, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                // The filter has let this request pass: it is always accepted (a declined one would lose its head).
                var headers = HTTPHeaders()
                if let destination = UpgradeFilter.destination(head), UpgradeFilter.offers(destination, head) {
                    headers.add(name: "Sec-WebSocket-Protocol", value: destination.subprotocol)
                }
                return channel.eventLoop.makeSucceededFuture(headers)
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let outbox = gateway.configuration.outboxBytes
                    try channel.syncOptions?.setOption(
                        .writeBufferWaterMark,
                        value: ChannelOptions.Types.WriteBufferWaterMark(low: outbox / 2, high: outbox))
                    let pipeline = channel.pipeline.syncOperations
                    switch UpgradeFilter.destination(head) {
                    case .session(let address):
                        let loop = gateway.loop(channel.eventLoop)
                        try pipeline.addHandler(SessionHandler(gateway: gateway, loop: loop, address: address))
                    case .console(let credentials):
                        try pipeline.addHandler(ConsoleHandler(gateway: gateway, credentials: credentials))
                    case nil: throw ChannelError.inappropriateOperationForState
                    }
                    return Outcome.webSocket
                }
            })
    }

    private func serveHTTP(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<Outcome> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(ResponseCloser(lingering: gateway.times.closeWithin))
            try pipeline.addHandler(
                HTTPConnectionStateHandler(idleTimeout: gateway.configuration.requestWithin, logger: logger))
            let configuration = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>.Configuration(
                isOutboundHalfClosureEnabled: true)
            return .http(try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: configuration))
        }
    }
}
