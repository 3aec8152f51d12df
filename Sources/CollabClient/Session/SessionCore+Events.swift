package import CollabModel
import Delta
import DocumentCore
package import NIOCore

/// Somebody who waits for something of a session.
struct SessionWaiter {
    let number: UInt64
    /// `nil`: not yet.
    let outcome: (SessionCore) -> Result<Void, SessionError>?
    let promise: EventLoopPromise<Void>
    let timer: Scheduled<Void>?
}

// What the application learns.
extension SessionCore {
    func deliver(_ event: ClientEvent) {
        switch event {
        case .reset:
            observer?.reset()
            tell?(.reset(machine.version))
        case .changed(let change):
            observer?.changed(change)
            tell?(.changed(change, machine.version))
        case .acknowledged(let id, let version):
            observer?.acknowledged(id, at: version, isExact: isExact)
            tell?(.acknowledged(id, version))
        case .saveState(let state):
            savedState = CollabState(state)
            observer?.changed(savedState)
            tell?(.state(savedState))
        case .presence(let client, let presence): tell?(.presence(client, presence))
        case .clientJoined(let client): tell?(.joined(Participant(client.clientID, client.profile, client.presence)))
        case .clientLeft(let client): tell?(.left(client))
        case .permission(let permission): tell?(.permission(permission))
        case .degraded(let message): tell?(.degraded(message))
        case .restored: tell?(.restored)
        case .refused(let delta, let reason):
            observer?.refused(delta, reason: reason)
            tell?(.refused(delta, reason: reason))
        case .error(let code, let message):
            observer?.failed(code, message)
            tell?(.error(code, message))
        case .ended(let code):
            endedBy = code
            observer?.ended(code)
            tell?(.ended(code))
        }
    }

    /// Completes once every edit is durable.
    package func whenSaved(within limit: TimeAmount?) -> EventLoopFuture<Void> {
        when(within: limit) { core in
            if core.machine.isSaved, core.machine.content != nil { return .success(()) }
            return core.over.map { .failure($0) }
        }
    }

    /// Completes once the document is there.
    package func whenReady(within limit: TimeAmount?) -> EventLoopFuture<Void> {
        when(within: limit) { core in
            if core.machine.content != nil { return .success(()) }
            return core.over.map { .failure($0) }
        }
    }

    /// Completes once the session is connected, has nothing pending, and holds the version or a later one.
    package func whenSettled(at version: Version, within limit: TimeAmount?) -> EventLoopFuture<Void> {
        when(within: limit) { core in
            if core.machine.isLive, core.machine.isSaved, core.machine.version >= version { return .success(()) }
            return core.over.map { .failure($0) }
        }
    }

    private var over: SessionError? { isClosed ? .closed : endedBy.map { .ended($0) } }

    private func when(
        within limit: TimeAmount?, _ outcome: @escaping (SessionCore) -> Result<Void, SessionError>?
    ) -> EventLoopFuture<Void> {
        if let result = outcome(self) {
            return eventLoop.makeCompletedFuture { try result.get() }
        }
        waiterCount += 1
        let number = waiterCount
        let promise = eventLoop.makePromise(of: Void.self)
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = limit.map { limit in
            eventLoop.scheduleTask(in: limit) {
                core.value.waiters.removeAll { $0.number == number }
                promise.fail(SessionError.timedOut)
            }
        }
        waiters.append(SessionWaiter(number: number, outcome: outcome, promise: promise, timer: timer))
        return promise.futureResult
    }

    func checkWaiters() {
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            guard let result = waiter.outcome(self) else {
                waiters.append(waiter)
                continue
            }
            waiter.timer?.cancel()
            switch result {
            case .success: waiter.promise.succeed()
            case .failure(let error): waiter.promise.fail(error)
            }
        }
    }
}

extension CollabState {
    init(_ state: SaveState) {
        switch state {
        case .saved: self = .saved
        case .saving: self = .saving
        case .offline: self = .offline
        }
    }
}

extension ClientConfiguration {
    init(_ options: SessionOptions) {
        self.init()
        resendMilliseconds = options.resendMilliseconds
        silenceMilliseconds = options.silenceMilliseconds
        pingMilliseconds = options.pingMilliseconds
        retryMilliseconds = options.retryMilliseconds
        backoffMilliseconds = options.backoffMilliseconds
        backoffMaximumMilliseconds = options.backoffMaximumMilliseconds
        verifiesEveryAck = options.verifiesEveryAck
    }
}
