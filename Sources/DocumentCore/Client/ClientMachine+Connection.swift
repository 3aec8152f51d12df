package import CollabModel
import Delta

// Connecting, losing the connection, connecting again.
extension ClientMachine {
    /// When ``ClientInput/tick`` is wanted next, in monotonic microseconds; `nil`: not before something else happens.
    package var deadline: Int64? {
        switch connection {
        case .idle, .ended: nil
        case .waiting(let until): until
        case .connecting(let since), .opened(let since): since + configuration.silenceMilliseconds * 1_000
        case .catchingUp, .live:
            [
                (pingedAt ?? heardAt) + configuration.pingMilliseconds * 1_000,
                heardAt + configuration.silenceMilliseconds * 1_000, resendTime,
            ].compactMap { $0 }.min()
        }
    }

    mutating func connect() {
        switch connection {
        case .idle, .waiting, .ended: open()
        case .connecting, .opened, .catchingUp, .live: break
        }
    }

    private mutating func open() {
        connection = .connecting(since: now)
        pingedAt = nil
        guard let clientID, content != nil else {
            output.append(.open(nil))
            return
        }
        // Where the digest costs nothing: with something pending it would have to be worked out.
        let digest = pending.isEmpty ? content?.digest : nil
        output.append(.open(ResumePosition(clientID: clientID, version: version, digest: digest)))
    }

    /// The order of an attempt to connect, above those of all attempts before: one that seems to have failed may have
    /// reached a node all the same.
    package mutating func takeOrder() -> ConnectionOrder {
        order = order.next
        return order
    }

    mutating func connected() {
        guard case .connecting = connection else { return }
        connection = .opened(since: now)
        heardAt = now
    }

    mutating func disconnect() {
        switch connection {
        case .connecting, .opened, .catchingUp, .live: output.append(.close(.normal))
        case .idle, .waiting, .ended: break
        }
        lost()
        connection = .idle
    }

    mutating func closed(_ code: UInt16?) {
        switch connection {
        case .connecting, .opened, .catchingUp, .live: break
        case .idle, .waiting, .ended: return
        }
        lost()
        switch code.flatMap(CloseCode.init(rawValue:)) {
        case .unauthorized?: end(.unauthorized)
        case .forbidden?: end(.forbidden)
        case .notFound?: end(.notFound)
        case .replaced?: end(.replaced)
        case .deleted?: end(.deleted)
        case .nodeLeaving?: connection = .waiting(until: now + backoff.short(upToMilliseconds: 20))
        case .normal?, .protocolAbuse?, .tooLarge?, .overloaded?, nil:
            connection = .waiting(until: now + backoff.next())
        }
    }

    private mutating func end(_ code: CloseCode) {
        connection = .ended(code)
        tell(.ended(code))
    }

    /// The connection is gone: what is pending stays, and goes out again under the same operation id.
    private mutating func lost() {
        pending.inFlight?.sentAt = nil
        isAwaitingResync = false
        isPresenceUntold = isPresenceUntold || !presence.isEmpty
    }

    mutating func tick() {
        switch connection {
        case .idle, .ended: break
        case .waiting(let until): if now >= until { open() }
        case .connecting(let since), .opened(let since):
            if now - since >= configuration.silenceMilliseconds * 1_000 { giveUp() }
        case .catchingUp, .live:
            guard now - heardAt < configuration.silenceMilliseconds * 1_000 else {
                giveUp()
                return
            }
            if now - (pingedAt ?? heardAt) >= configuration.pingMilliseconds * 1_000 {
                pingedAt = now
                output.append(.send(.ping))
            }
            if let time = resendTime, now >= time { resend() }
        }
    }

    private mutating func giveUp() {
        output.append(.close(.normal))
        lost()
        connection = .waiting(until: now + backoff.next())
    }
}
