package import NIOCore

/// Channel handler that turns bytes into replies; all replies of one read go on together.
///
/// On a violation of the protocol the error is fired and the channel is closed, because the boundary of the next
/// reply cannot be found.
package final class RedisReplyDecoder: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = [RedisValue]

    private var reader: RedisReplyReader

    /// Makes a decoder for one channel.
    ///
    /// - Throws: ``RedisError`` when there is no memory.
    package init(limits: RedisReplyLimits) throws(RedisError) {
        reader = try RedisReplyReader(limits: limits)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        var replies: [RedisValue] = []
        let failure = buffer.withUnsafeReadableBytes { bytes -> RedisError? in
            do throws(RedisError) {
                try reader.read(bytes, into: &replies)
                return nil
            } catch {
                return error
            }
        }
        if !replies.isEmpty { context.fireChannelRead(wrapInboundOut(replies)) }
        if let failure {
            context.fireErrorCaught(failure)
            context.close(promise: nil)
        }
    }
}
