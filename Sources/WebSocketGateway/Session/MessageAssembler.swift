import NIOCore
import NIOWebSocket

/// Puts the fragments of messages together (RFC 6455, section 5.4), within a bound.
struct MessageAssembler {
    /// What a data frame made.
    enum Outcome {
        case message(ByteBuffer)
        /// More fragments must come.
        case incomplete
        case binary
        case tooLarge
        /// A violation of the RFC.
        case violation(String)
    }

    private let maximumBytes: Int
    /// What has come of a message in fragments; `nil` between messages.
    private var partial: ByteBuffer?

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// Takes a text, binary or continuation frame whose data is unmasked.
    mutating func take(_ opcode: WebSocketOpcode, isFinal: Bool, _ data: ByteBuffer) -> Outcome {
        if opcode == .continuation {
            guard var message = partial else { return .violation("a continuation without a beginning") }
            partial = nil
            guard message.readableBytes + data.readableBytes <= maximumBytes else { return .tooLarge }
            message.writeImmutableBuffer(data)
            if isFinal { return .message(message) }
            partial = message
            return .incomplete
        }
        guard partial == nil else { return .violation("a message within a message") }
        guard opcode == .text else { return .binary }
        guard data.readableBytes <= maximumBytes else { return .tooLarge }
        if isFinal { return .message(data) }
        partial = data
        return .incomplete
    }
}
