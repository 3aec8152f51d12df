internal import NIOCore
internal import Synchronization

/// Where callers leave requests for the event loop, and the bounds on what is under way.
///
/// One caller of a burst schedules the event loop's turn; that turn takes all.
final class CommandMailbox: Sendable {
    /// What became of a request that was put in.
    enum Admission {
        /// It is the first: the event loop has to be told.
        case scheduled
        case queued
        case refused(RedisError)
    }

    private struct State {
        var queue: [RedisRequest] = []
        var commands = 0
        var bytes = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let maximumCommands: Int
    private let maximumBytes: Int

    init(maximumCommands: Int, maximumBytes: Int) {
        self.maximumCommands = maximumCommands
        self.maximumBytes = maximumBytes
    }

    func put(_ request: RedisRequest) -> Admission {
        let count = request.commandCount
        let size = request.bytes.readableBytes
        guard size <= maximumBytes, count <= maximumCommands else {
            return .refused(RedisError(.tooLarge, "\(count) commands of \(size) bytes are too much at once"))
        }
        return state.withLock { state in
            if state.isClosed { return .refused(RedisError(.closed, "the Redis client was stopped")) }
            guard state.commands + count <= maximumCommands, state.bytes + size <= maximumBytes else {
                return .refused(RedisError(.overloaded, "\(state.commands) Redis commands are already under way"))
            }
            state.commands += count
            state.bytes += size
            state.queue.append(request)
            return state.queue.count == 1 ? .scheduled : .queued
        }
    }

    func take() -> [RedisRequest] {
        state.withLock { state in
            defer { state.queue.removeAll(keepingCapacity: true) }
            return state.queue
        }
    }

    /// Says that requests are under way no more.
    func release(_ requests: some Collection<RedisRequest>) {
        if requests.isEmpty { return }
        state.withLock { state in
            for request in requests {
                state.commands -= request.commandCount
                state.bytes -= request.bytes.readableBytes
            }
        }
    }

    /// Refuses everything from now on and answers what was not taken.
    func close() -> [RedisRequest] {
        state.withLock { state in
            state.isClosed = true
            defer { state.queue = [] }
            return state.queue
        }
    }

    /// How many commands are queued or in flight.
    var commandsUnderWay: Int { state.withLock { $0.commands } }
}
