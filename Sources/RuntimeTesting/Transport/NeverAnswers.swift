internal import CollabModel
internal import PeerProtocol
internal import RuntimePorts
internal import Synchronization

/// A service that leaves everybody waiting until it is told to finish.
final class NeverAnswers: PeerService {
    private struct State {
        var isFinished = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var asked = 0
        var watcher: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func open(_ request: OpenRequest, from gateway: NodeIdentity) async -> OpenDecision {
        await wait()
        return .declined(.draining)
    }

    func answer(_ request: PeerRequest, from node: NodeIdentity) async -> PeerResponse {
        await wait()
        return .notOwner
    }

    /// Returns when somebody waits.
    func asked() async {
        await withCheckedContinuation { continuation in
            let isAsked = state.withLock { state in
                if state.asked == 0 { state.watcher = continuation }
                return state.asked > 0
            }
            if isAsked { continuation.resume() }
        }
    }

    /// Answers everybody.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let (isFinished, watcher) = state.withLock { state in
                state.asked += 1
                if !state.isFinished { state.waiting.append(continuation) }
                defer { state.watcher = nil }
                return (state.isFinished, state.watcher)
            }
            if isFinished { continuation.resume() }
            watcher?.resume()
        }
    }
}
