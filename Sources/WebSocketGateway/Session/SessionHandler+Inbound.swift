import CollabModel
import DocumentCore
import NIOCore
import NIOWebSocket
import RuntimePorts
import SessionProtocol

extension SessionHandler {
    /// Takes a frame of the client.
    func receive(_ frame: WebSocketFrame) {
        switch state {
        case .admitting(var early):
            early.append(frame)
            state = .admitting(early: early)
        case .open(let inbox):
            receive(frame, inbox)
        case .closing:
            if frame.opcode == .connectionClose { context?.close(promise: nil) }
        case .closed:
            break
        }
    }

    private func receive(_ frame: WebSocketFrame, _ inbox: any SessionInbox) {
        guard messages.take(gateway.rates.messages, now: heardAt) else {
            reject(.rateLimited)
            return close(.protocolAbuse, "too many messages")
        }
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            reject(.webSocket)
            return close(.protocolAbuse, "a frame is not masked, or has a reserved bit")
        }
        switch frame.opcode {
        case .text, .binary, .continuation:
            switch assembler.take(frame.opcode, isFinal: frame.fin, frame.unmaskedData) {
            case .message(let message): receive(message, inbox)
            case .incomplete: break
            case .binary:
                reject(.binary)
                close(.protocolAbuse, "messages are text")
            case .tooLarge:
                reject(.tooLarge)
                close(.tooLarge, "a message has \(gateway.configuration.limits.frameBytes) bytes at most")
            case .violation(let reason):
                reject(.webSocket)
                close(.protocolAbuse, reason)
            }
        case .ping: write(control: .pong, frame.unmaskedData)
        case .pong: break
        case .connectionClose: answerClose(frame.unmaskedData)
        default:
            reject(.webSocket)
            close(.protocolAbuse, "unknown opcode")
        }
    }

    private func receive(_ message: ByteBuffer, _ inbox: any SessionInbox) {
        gateway.metrics.frameReceived(bytes: message.readableBytes)
        let frame: ClientFrame
        do {
            frame = try message.withUnsafeReadableBytes { (bytes) throws(FrameError) in
                try ClientFrame(decoding: bytes.bindMemory(to: UInt8.self), limits: gateway.configuration.limits)
            }
        } catch {
            return refuse(error, inbox)
        }
        switch frame {
        case .operation(let id, let base, let delta, let presence, let client):
            guard operations.take(gateway.rates.operations, now: heardAt) else {
                reject(.rateLimited)
                gateway.metrics.operationRefused(.rateLimited)
                let limit = gateway.configuration.limits.operationsPerSecond
                refused(id, base: base, client, .rateLimited, "too many operations in a second")
                return write(FrameError(.rateLimited, "\(limit) operations in a second at most", operationID: id))
            }
            // A repeat is the same operation: what becomes of it belongs to the trace whose span is recorded.
            let trace = inFlight?.id == id ? inFlight?.trace : gateway.tracer.begin(client)
            if inFlight == nil { inFlight = InFlight(id: id, base: base, since: heardAt, trace: trace) }
            inbox.submit(id, base: base, delta, presence, trace: trace?.context)
        case .cursor(let version, let position):
            inbox.presence(version, Presence(cursor: position))
        case .selection(let version, let range):
            inbox.presence(version, Presence(selection: range))
        case .resync:
            guard resyncs.take(gateway.rates.resyncs, now: heardAt) else {
                reject(.rateLimited)
                return write(FrameError(.rateLimited, "too many resyncs"))
            }
            inbox.requestResync()
        case .ping:
            write(event: .pong)
        }
    }

    /// Answers a message that is none. Who keeps sending such is closed: an answer may cost a whole document.
    private func refuse(_ error: FrameError, _ inbox: any SessionInbox) {
        switch error.code {
        case .tooLarge: reject(.tooLarge)
        case .invalidOperation: reject(.invalidOperation)
        default: reject(.malformed)
        }
        if error.operationID != nil { gateway.metrics.operationRefused(error.code) }
        refused(error.operationID, base: nil, nil, error.code, "the message is not one of the protocol")
        write(error)
        guard violations.take(gateway.rates.violations, now: heardAt) else {
            return close(.protocolAbuse, "too many messages that are not of the protocol")
        }
        guard error.code != .protocolError else { return }
        rejected = error.operationID.map { ($0, error.code) }
        inbox.requestResync()
    }

    /// Answers the client's close with its own code, and ends.
    private func answerClose(_ data: ByteBuffer) {
        var data = data
        let code = data.readInteger(as: UInt16.self)
        if case .open(let inbox) = state { inbox.detach() }
        state = .closing
        closeCode = code ?? CloseCode.normal.rawValue
        // A code that may not stand in a frame (RFC 6455, section 7.4) is not repeated.
        let mayBeSent = code.map {
            (1000...1003).contains($0) || (1007...1014).contains($0) || (3000...4999).contains($0)
        }
        writeClose(mayBeSent == true ? code ?? 1000 : CloseCode.normal.rawValue, "")
        let deadline = NIODeadline.now() + gateway.times.closeWithin
        closingDeadline = deadline
        wake(at: deadline)
        flush(thenClose: true)
    }

    func reject(_ reason: FrameRejection) { gateway.metrics.frameRejected(reason) }
}
