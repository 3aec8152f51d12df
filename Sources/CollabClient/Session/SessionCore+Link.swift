import CollabModel
import Delta
import DocumentCore
import NIOCore
import SessionProtocol

// What the connection says.
extension SessionCore {
    func opened(_ handler: SessionChannelHandler) {
        guard handler.attempt == attempt, !isClosed else {
            // Given up meanwhile.
            handler.close(.normal)
            return
        }
        link = handler
        handle(.connected)
    }

    func heard(_ handler: SessionChannelHandler) {
        guard handler === link else { return }
        perform(machine.handle(.received(.signOfLife), now: now), timersMayWait: true)
    }

    func received(_ message: ByteBuffer, on handler: SessionChannelHandler) {
        guard handler === link else { return }
        let frame: ServerFrame
        do {
            frame = try message.withUnsafeReadableBytes { (bytes) throws(FrameError) in
                try ServerFrame(decoding: bytes.bindMemory(to: UInt8.self))
            }
        } catch {
            observer?.failed(error.code, "from the node: \(error.message)")
            handler.close(.protocolAbuse)
            return closed(handler, code: nil, reason: "not of the protocol: \(error.message)")
        }
        tap?.received(frame, on: handler.attempt)
        if !isIntroduced {
            switch frame {
            case .initial, .catchUp, .resync: introduced()
            default: break
            }
        }
        take(frame)
    }

    private func take(_ frame: ServerFrame) {
        let before = machine.version
        var timersMayWait = true
        switch frame {
        case .initial, .resync: isExact = false
        case .error:
            isExact = true
            timersMayWait = false
        default: isExact = true
        }
        let actions = machine.handle(.received(ServerMessage(frame)), now: now)
        if let observer {
            switch frame {
            case .operations(let operations): told(operations, after: before, to: observer)
            case .catchUp(let catchUp): told(catchUp.operations, after: before, to: observer)
            default: break
            }
        }
        perform(actions, timersMayWait: timersMayWait)
    }

    /// Tells of those operations that the machine has taken.
    private func told(
        _ operations: [SessionProtocol.RemoteOperation], after before: Version, to observer: any SessionObserver
    ) {
        for operation in operations
        where operation.version > before && operation.version <= machine.version
            && operation.clientID != machine.clientID
        {
            observer.applied(operation.version, of: operation.clientID)
        }
    }

    /// The node could not be had: the next at once, and a wait only when all were tried.
    func failed(_ number: UInt64, reason: String) {
        guard number == attempt, !isClosed, !isIntroduced else { return }
        let url = endpoints.current.url
        tap?.closed(number, code: nil)
        let old = link
        link = nil
        attempt += 1
        old?.close(.normal)
        observer?.disconnected(from: url, code: nil, reason: reason)
        if endpoints.failed(), old == nil {
            connect()
        } else {
            handle(.connectionClosed(code: nil))
        }
    }

    func closed(_ handler: SessionChannelHandler, code: UInt16?, reason: String) {
        guard handler === link else {
            // Ended before its first message, and perhaps before it was in place.
            return
        }
        tap?.closed(handler.attempt, code: code)
        link = nil
        attempt += 1
        observer?.disconnected(from: endpoints.current.url, code: code, reason: reason)
        let wasIntroduced = isIntroduced
        endpoints.advance()
        handle(.connectionClosed(code: code))
        guard wasIntroduced, code == nil, endpoints.hasOthers, !isClosed, endedBy == nil else { return }
        reconnectQuickly()
    }

    /// A connection that served was cut: another node is tried at once, unless that happened a moment ago as well.
    private func reconnectQuickly() {
        let now = NIODeadline.now()
        if let lastQuickReconnect, now - lastQuickReconnect < .seconds(1) { return }
        lastQuickReconnect = now
        let number = attempt
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        let wait = TimeAmount.microseconds(Int64.random(in: 0...10_000, using: &jitter))
        eventLoop.scheduleTask(in: wait) {
            guard core.value.attempt == number, !core.value.isClosed else { return }
            core.value.handle(.connect)
        }
    }

    /// Connects again after the session ended or while it waits.
    package func reconnect() {
        guard !isClosed else { return }
        endedBy = nil
        handle(.connect)
    }
}
