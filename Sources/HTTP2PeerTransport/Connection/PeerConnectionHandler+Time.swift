internal import HTTP2Session
internal import NIOCore
internal import RuntimePorts

// Heartbeats, deadlines and shutting down: what happens because time passes.
extension PeerConnectionHandler {
    /// Between two looks at the deadlines: they are not kept more exactly than this.
    private static let deadlineGrain = TimeAmount.milliseconds(10)

    func scheduleHeartbeat() {
        guard let context else { return }
        let interval = TimeAmount(configuration.heartbeat.interval)
        heartbeat = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.beat() }
    }

    private func beat() {
        switch monitor.tick(now: Self.now()) {
        case .unchanged, .heard:
            break
        case .silent:
            silenceChanged(isSilent: true)
        case .abandon:
            return close(.silent)
        }
        attempt { session throws(HTTP2Error) in try session.ping() }
        pump()
        scheduleHeartbeat()
    }

    /// Sees to it that deadlines are looked at when this one has come.
    func arm(_ deadline: NIODeadline) {
        guard let context else { return }
        if let (armed, task) = armedDeadline {
            guard deadline < armed else { return }
            task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.checkDeadlines() }
        armedDeadline = (deadline, task)
    }

    private func checkDeadlines() {
        armedDeadline = nil
        let now = NIODeadline.now()
        var next: NIODeadline?
        var expired: [any PeerExchange] = []
        for exchange in exchanges.values {
            guard let deadline = exchange.deadline else { continue }
            if deadline <= now { expired.append(exchange) } else { next = min(next ?? deadline, deadline) }
        }
        for exchange in expired.sorted(by: { $0.id < $1.id }) { exchange.expired() }
        pump()
        if let next { arm(max(next, now + Self.deadlineGrain)) }
    }

    func shutDown(_ grace: TimeAmount) {
        guard let context else { return }
        if !isLeaving {
            isLeaving = true
            attempt { session throws(HTTP2Error) in try session.goAway() }
        }
        for exchange in exchanges.values.sorted(by: { $0.id < $1.id }) { exchange.shutDown() }
        context.eventLoop.assumeIsolated().scheduleTask(in: grace) { self.close(.closed) }
    }
}
