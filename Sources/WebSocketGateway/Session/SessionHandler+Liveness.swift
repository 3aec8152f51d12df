import CollabModel
import NIOCore
import NIOWebSocket
import RuntimePorts

extension SessionHandler {
    /// Asks to be woken at the deadline, instead of at whatever was asked before.
    func wake(at deadline: NIODeadline) {
        ticket &+= 1
        loop.wake(self, ticket: ticket, at: deadline)
    }

    /// Does what is due: pings a silent client, ends a session that is dead, was not admitted in time or does not
    /// answer a close.
    func wake(now: NIODeadline, ticket: UInt32) {
        guard ticket == self.ticket else { return }
        let times = gateway.times
        switch state {
        case .closed: break
        case .admitting:
            let deadline = startedAt + times.admitWithin
            guard now >= deadline else { return wake(at: deadline) }
            gateway.metrics.connectionRefused(.overloaded)
            close(.overloaded, "the session could not be admitted in time")
        case .closing:
            if let closingDeadline, now < closingDeadline { return wake(at: closingDeadline) }
            context?.close(promise: nil)
        case .open: checkLife(now)
        }
    }

    private func checkLife(_ now: NIODeadline) {
        let times = gateway.times
        if let pinged = pingedAt, heardAt >= pinged { pingedAt = nil }
        if let pinged = pingedAt {
            let deadline = pinged + times.pongWithin
            guard now >= deadline else { return wake(at: deadline) }
            // Nobody is there to read a close.
            context?.close(promise: nil)
        } else {
            let deadline = heardAt + times.pingAfter
            guard now >= deadline else { return wake(at: deadline) }
            pingedAt = now
            write(control: .ping, ByteBuffer())
            flush()
            wake(at: now + times.pongWithin)
        }
    }
}
