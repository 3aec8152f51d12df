internal import CollabModel
internal import NIOCore
internal import RuntimePorts
internal import Synchronization

/// The connections that this node dialled: one for each address, dialled once however many ask.
///
/// A connection that has fallen silent serves no new calls: the next call dials, and so learns whether the process is
/// gone, its host, or only that connection.
final class PeerConnectionPool: Sendable {
    private typealias Waiter = CheckedContinuation<Result<PeerConnection, PeerFailure>, Never>

    private enum Entry {
        case dialling(PeerConnection, waiters: [UInt64: Waiter])
        case ready(PeerConnection)
    }

    private struct State {
        var entries: [PeerAddress: Entry] = [:]
        /// Every connection, in the table or not, until it is closed.
        var all: [ObjectIdentifier: PeerConnection] = [:]
        var isShutDown = false
        var nextWaiter: UInt64 = 0
    }

    private let dialler: PeerDialler
    private let state = Mutex(State())

    init(dialler: PeerDialler) { self.dialler = dialler }

    /// The connection to an address, dialled if there is none.
    func connection(to address: PeerAddress, deadline: NIODeadline) async throws(PeerFailure) -> PeerConnection {
        if let ready = readyConnection(to: address) { return ready }
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let timeout = dialler.group.any().scheduleTask(deadline: deadline) { self.giveUp(id, address, .silent) }
        defer { timeout.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                wait(id, address, waiter)
                // A cancellation before the waiter was there has found nothing.
                if Task.isCancelled { giveUp(id, address, .closed) }
            }
        } onCancel: {
            giveUp(id, address, .closed)
        }
        return try result.get()
    }

    private func readyConnection(to address: PeerAddress) -> PeerConnection? {
        state.withLock { state in
            if case .ready(let connection)? = state.entries[address] { connection } else { nil }
        }
    }

    private func wait(_ id: UInt64, _ address: PeerAddress, _ waiter: Waiter) {
        enum Outcome {
            case resume(Result<PeerConnection, PeerFailure>)
            case dial(PeerConnection)
            case wait
        }
        let outcome: Outcome = state.withLock { state in
            guard !state.isShutDown else { return .resume(.failure(.closed)) }
            switch state.entries[address] {
            case .ready(let connection)?:
                return .resume(.success(connection))
            case .dialling(let connection, var waiters)?:
                waiters[id] = waiter
                state.entries[address] = .dialling(connection, waiters: waiters)
                return .wait
            case nil:
                let connection = PeerConnection(eventLoop: dialler.group.next())
                state.entries[address] = .dialling(connection, waiters: [id: waiter])
                state.all[ObjectIdentifier(connection)] = connection
                return .dial(connection)
            }
        }
        switch outcome {
        case .resume(let result): waiter.resume(returning: result)
        case .wait: break
        case .dial(let connection): dialler.dial(address, as: connection, events: events(of: connection, address))
        }
    }

    private func giveUp(_ id: UInt64, _ address: PeerAddress, _ failure: PeerFailure) {
        let waiter = state.withLock { state -> Waiter? in
            guard case .dialling(let connection, var waiters)? = state.entries[address] else { return nil }
            let waiter = waiters.removeValue(forKey: id)
            state.entries[address] = .dialling(connection, waiters: waiters)
            return waiter
        }
        waiter?.resume(returning: .failure(failure))
    }

    private func events(of connection: PeerConnection, _ address: PeerAddress) -> PeerConnectionEvents {
        PeerConnectionEvents(
            ready: { self.becameReady(connection, address) },
            silenceChanged: { self.silenceChanged(connection, address, isSilent: $0) },
            leaving: { self.withdraw(connection, address) },
            closed: { self.closed(connection, address, $0) })
    }

    private func becameReady(_ connection: PeerConnection, _ address: PeerAddress) {
        let waiters = state.withLock { state -> [UInt64: Waiter] in
            guard case .dialling(let dialled, let waiters)? = state.entries[address], dialled === connection else {
                return [:]
            }
            state.entries[address] = .ready(connection)
            return waiters
        }
        for waiter in waiters.inOrder { waiter.resume(returning: .success(connection)) }
    }

    private func silenceChanged(_ connection: PeerConnection, _ address: PeerAddress, isSilent: Bool) {
        guard !isSilent else { return withdraw(connection, address) }
        let isReplaced = state.withLock { state in
            guard state.entries[address] == nil, !state.isShutDown else { return true }
            state.entries[address] = .ready(connection)
            return false
        }
        // Another has taken its place: its streams go on, nothing new comes.
        if isReplaced { _ = connection.enqueue(.retire) }
    }

    /// Gives the connection no more calls.
    private func withdraw(_ connection: PeerConnection, _ address: PeerAddress) {
        state.withLock { state in
            if case .ready(let ready)? = state.entries[address], ready === connection { state.entries[address] = nil }
        }
    }

    private func closed(_ connection: PeerConnection, _ address: PeerAddress, _ failure: PeerFailure) {
        let waiters = state.withLock { state -> [UInt64: Waiter] in
            state.all[ObjectIdentifier(connection)] = nil
            switch state.entries[address] {
            case .ready(let ready)? where ready === connection:
                state.entries[address] = nil
                return [:]
            case .dialling(let dialled, let waiters)? where dialled === connection:
                state.entries[address] = nil
                return waiters
            default:
                return [:]
            }
        }
        for waiter in waiters.inOrder { waiter.resume(returning: .failure(failure)) }
    }

    /// Dials no more and fails whoever waits. Returns what is still open.
    func shutDown() -> [PeerConnection] {
        let (waiters, open) = state.withLock { state in
            state.isShutDown = true
            var waiters: [UInt64: Waiter] = [:]
            for case .dialling(_, let waiting) in state.entries.values { waiters.merge(waiting) { first, _ in first } }
            state.entries.removeAll()
            return (waiters, Array(state.all.values))
        }
        for waiter in waiters.inOrder { waiter.resume(returning: .failure(.closed)) }
        return open
    }
}

extension [UInt64: CheckedContinuation<Result<PeerConnection, PeerFailure>, Never>] {
    /// In the order in which they began to wait.
    fileprivate var inOrder: [Value] { sorted { $0.key < $1.key }.map(\.value) }
}
