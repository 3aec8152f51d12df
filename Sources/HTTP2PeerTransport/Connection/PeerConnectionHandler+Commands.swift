internal import CollabModel
internal import HTTP2Session
internal import RuntimePorts

// What other threads ask, taken from the mailbox.
extension PeerConnectionHandler {
    func mailboxFilled() {
        performCommands()
        pump()
    }

    func performCommands() {
        commands.removeAll(keepingCapacity: true)
        connection.takeCommands(&commands)
        for command in commands { perform(command) }
        commands.removeAll(keepingCapacity: true)
    }

    private func perform(_ command: PeerCommand) {
        switch command {
        case .write(let id, let bytes): (exchanges[id] as? StreamExchange)?.write(bytes)
        case .close(let id): (exchanges[id] as? StreamExchange)?.closeLocally()
        case .overflow(let id): (exchanges[id] as? StreamExchange)?.overflow()
        case .resume(let id): exchanges[id]?.receivedData()
        case .cancel(let id): exchanges[id]?.cancelled()
        case .open(let call): open(call)
        case .request(let call): request(call)
        case .decided(let id, let decision):
            endAnswer()
            if let exchange = exchanges[id] as? StreamExchange {
                exchange.decided(decision)
            } else {
                StreamExchange.refuseLate(decision, connection)
            }
        case .answered(let id, let bytes):
            endAnswer()
            (exchanges[id] as? UnaryAnswer)?.answer(bytes)
        case .giveUpDialling:
            if !isReady { close(.silent) }
        case .retire:
            isLeaving = true
        case .shutDown(let grace):
            shutDown(grace)
        }
    }

    private func open(_ call: StreamCall) {
        guard !isLeaving, !isClosed else { return call.fail(failure ?? .closed) }
        do throws(HTTP2Error) {
            let stream = try session.request(streamHeaders)
            stream.tag = call.handle.id
            let exchange = StreamExchange(calling: call, on: stream, host: self)
            exchanges[call.handle.id] = exchange
            stream.observer = exchange
            session.write(call.frame, to: stream)
            arm(call.deadline)
        } catch {
            call.fail(.closed)
        }
    }

    private func request(_ call: UnaryCall) {
        guard !isLeaving, !isClosed else { return call.fail(failure ?? .closed) }
        do throws(HTTP2Error) {
            let stream = try session.request(requestHeaders)
            stream.tag = call.id
            exchanges[call.id] = UnaryExchange(call, on: stream, host: self)
            session.write(call.frame, to: stream)
            session.finish(stream)
            arm(call.deadline)
        } catch {
            call.fail(.closed)
        }
    }
}
