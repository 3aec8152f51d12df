import ClusterRuntime
import Synchronization

/// Keeps what a log writer says, and waits for it.
final class CollectingReceiver: AppendReceiver {
    enum Event: Equatable {
        case finished(AppendResult)
        case unavailable
        case available
    }

    private let mailbox = Mailbox<Event>()
    private let waiting = Mutex<[Event]>([])

    func appendFinished(_ result: AppendResult) { mailbox.post(.finished(result)) }
    func logUnavailable(_ message: String) { mailbox.post(.unavailable) }
    func logAvailable() { mailbox.post(.available) }

    /// The next event.
    func next() async -> Event? {
        while true {
            if let event = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return event }
            guard let taken = await mailbox.next() else { return nil }
            waiting.withLock { $0 += taken }
        }
    }

    /// The next result, whatever was said of the log's being away before it.
    func result() async -> AppendResult? {
        while let event = await next() { if case .finished(let result) = event { return result } }
        return nil
    }
}
