import CollabModel
import Delta
import DocumentCore
import JSON
import NIOCore
import NIOWebSocket
import RuntimePorts
import SessionProtocol

extension SessionHandler {
    private var allocator: ByteBufferAllocator { context?.channel.allocator ?? ByteBufferAllocator() }

    /// Takes an item of the runtime; says whether the session is to be flushed and has not said so before.
    func take(_ item: GatewayLoop.Item) -> Bool {
        guard case .open = state else { return false }
        switch item {
        case .event(let event):
            write(event: event)
            guard case .open = state else { return false }
        case .batch(let batch):
            outbound.operations(
                batch.encoded { EventEncoding.items($0.operations) }, count: batch.batch.operations.count, allocator)
        case .close(let code, let reason):
            close(code, reason)
            return false
        }
        defer { isTouched = true }
        return !isTouched
    }

    /// The bytes that wait for the socket.
    var bufferedBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Hands what has been written to the socket.
    func flush(thenClose closes: Bool = false) {
        isTouched = false
        guard let encoderContext else { return }
        let frames = outbound.frames
        guard let buffer = outbound.take() else { return }
        gateway.metrics.sent(bytes: buffer.readableBytes, frames: frames)
        let wasWritable = encoderContext.channel.isWritable
        let bytes = buffer.readableBytes
        if closes {
            let promise = loop.eventLoop.makePromise(of: Void.self)
            let connection = NIOLoopBound(encoderContext, eventLoop: loop.eventLoop)
            promise.futureResult.whenComplete { _ in connection.value.close(promise: nil) }
            encoderContext.writeAndFlush(NIOAny(buffer), promise: promise)
        } else {
            encoderContext.writeAndFlush(NIOAny(buffer), promise: nil)
        }
        guard !wasWritable, case .open = state else { return }
        // The runtime was told and sends little more. Who still lets this much pile up is of no use.
        bytesSinceFull += bytes
        if bytesSinceFull > gateway.configuration.outboxBytes { close(.overloaded, "the client does not read") }
    }

    func write(event: SessionEvent) {
        switch event {
        case .commits(let operations): write(commits: operations)
        case .catchUpOperations(let operations):
            guard !operations.isEmpty else { return }
            outbound.operations(
                EventEncoding.items(operations, withOperationIDs: true), count: operations.count, allocator)
        case .acknowledged(let id, let version, let digest): acknowledge(id, version, digest)
        case .presence(let client, let version, let presence):
            if presence.cursor != nil || presence.selection == nil {
                text { ServerFrameEncoding.cursor(client, version, presence.cursor, to: &$0) }
            }
            if let range = presence.selection {
                text { ServerFrameEncoding.selection(client, version, range, to: &$0) }
            }
        case .resync(let state, let reason, let rejected):
            let refusal = rejected == nil ? self.rejected : nil
            let named = rejected ?? refusal?.id
            self.rejected = nil
            // A resync answers for everything that was in flight.
            if let inFlight, state.lastOperationID == inFlight.id || named == inFlight.id {
                finish(inFlight)
                self.inFlight = nil
            }
            let said = refusal?.code.rawValue ?? reason
            text { EventEncoding.resync(state, said, named, gateway.configuration.limits, to: &$0) }
        case .error(let code, let message, let id):
            if let inFlight, let id, id == inFlight.id, !code.mayBeRetried {
                finish(inFlight, OperationSpan.Failure(code: code.rawValue, message: message))
                self.inFlight = nil
            }
            write(FrameError(code, message, operationID: id))
            if id != nil, code.bringsWholeDocument { countRefusal() }
        default: text { EventEncoding.write(event, gateway.configuration.limits, to: &$0) }
        }
    }

    /// A whole document follows: what is refused costs as much as asking for one, and more of it as much as what is none of
    /// the protocol.
    private func countRefusal() {
        guard !resyncs.take(gateway.rates.resyncs, now: heardAt) else { return }
        guard !violations.take(gateway.rates.violations, now: heardAt) else { return }
        close(.protocolAbuse, "too many operations that are refused")
    }

    func write(_ error: FrameError) { text { ServerFrameEncoding.error(error, to: &$0) } }

    /// Own operations become acks, in version order between the others'.
    private func write(commits operations: [CommittedOperation]) {
        var others = operations.startIndex
        for index in operations.indices where operations[index].clientID == clientID {
            write(others: operations[others..<index])
            let own = operations[index]
            acknowledge(own.operationID, own.version, own.digest)
            others = index + 1
        }
        write(others: operations[others...])
    }

    private func write(others operations: ArraySlice<CommittedOperation>) {
        guard !operations.isEmpty else { return }
        outbound.operations(EventEncoding.items(operations), count: operations.count, allocator)
    }

    private func acknowledge(_ id: OperationID, _ version: Version, _ digest: Digest) {
        if let inFlight, inFlight.id == id {
            gateway.metrics.acknowledged(
                microseconds: (NIODeadline.now() - inFlight.since).nanoseconds / 1_000, trace: inFlight.trace?.context)
            finish(inFlight)
            self.inFlight = nil
        }
        text { ServerFrameEncoding.ack(id, version, digest, to: &$0) }
    }

    private func text(_ write: (inout JSONWriter) -> Void) {
        let allocator = allocator
        loop.encode(write) { outbound.text($0, allocator) }
    }

    // MARK: Control frames

    func write(control opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        outbound.control(opcode == .ping ? 0x9 : 0xA, payload, allocator)
    }

    /// Writes a close frame; a reason has 123 bytes at most.
    func writeClose(_ code: UInt16, _ reason: String) {
        var payload = allocator.buffer(capacity: 2 + reason.utf8.count)
        payload.writeClose(code, reason)
        outbound.control(0x8, payload, allocator)
    }
}

extension ErrorCode {
    /// Whether a session is sent the document after an operation was answered with this code (protocol.md, `resync`).
    fileprivate var bringsWholeDocument: Bool {
        switch self {
        case .invalidOperation, .forbidden, .tooLarge, .conflict: true
        case .unauthorized, .notFound, .rateLimited, .protocolError, .unavailable: false
        }
    }
}
