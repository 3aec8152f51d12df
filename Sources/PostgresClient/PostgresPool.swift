internal import DequeModule
internal import Synchronization

/// Several connections of which each runs one statement at a time, so that a slow statement holds up nobody else's.
package final class PostgresPool: Sendable {
    private struct State {
        var free: Deque<Int>
        var waiting: Deque<CheckedContinuation<Int?, Never>> = []
    }

    private let connections: [PostgresConnection]
    private let maximumWaiting: Int
    private let state: Mutex<State>

    /// - Parameter maximumWaiting: callers that wait for a connection; one more fails.
    package init(_ connections: [PostgresConnection], maximumWaiting: Int) {
        precondition(!connections.isEmpty, "a pool needs a connection")
        self.connections = connections
        self.maximumWaiting = maximumWaiting
        state = Mutex(State(free: Deque(connections.indices)))
    }

    /// Runs a statement on the next free connection; as ``PostgresConnection/execute(_:_:)``.
    ///
    /// A connection that could not be had when it last tried says so at once, while another may be there: each is asked
    /// before the statement, which was not sent by any of them, fails.
    package func execute(_ statement: Statement, _ parameters: Parameters = Parameters())
        async throws(PostgresError) -> ResultSet
    {
        for _ in 1..<connections.count {
            do {
                return try await executeOnce(statement, parameters)
            } catch .unavailable {
                continue
            }
        }
        return try await executeOnce(statement, parameters)
    }

    private func executeOnce(_ statement: Statement, _ parameters: Parameters) async throws(PostgresError) -> ResultSet
    {
        let index = try await acquire()
        defer { release(index) }
        return try await connections[index].execute(statement, parameters)
    }

    /// What each connection is doing now.
    package var statuses: [PostgresConnection.Status] { connections.map(\.status) }

    /// Starts to connect.
    package func start() async {
        for connection in connections { await connection.start() }
    }

    /// Closes every connection; those who wait for one are told that it is closed.
    package func close() async {
        for connection in connections { await connection.close() }
    }

    private func acquire() async throws(PostgresError) -> Int {
        let index: Int? = await withCheckedContinuation { (continuation: CheckedContinuation<Int?, Never>) in
            let immediate: Int?? = state.withLock { state in
                if let index = state.free.popFirst() { return .some(index) }
                guard state.waiting.count < maximumWaiting else { return .some(nil) }
                state.waiting.append(continuation)
                return nil
            }
            if let immediate { continuation.resume(returning: immediate) }
        }
        guard let index else { throw .unavailable("\(maximumWaiting) statements wait for a connection already") }
        return index
    }

    private func release(_ index: Int) {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free.append(index) }
            return next
        }
        next?.resume(returning: index)
    }
}
