internal import Dispatch
internal import Foundation

/// SIGINT and SIGTERM as the end of something that is under way.
enum Interruption {
    /// Runs `body` and cancels it at the first SIGINT or SIGTERM, which then do not end this process.
    ///
    /// - Returns: whether `body` was interrupted; it has returned in either case.
    static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        try await cancelling(after: 1, first: {}, body)
    }

    /// Runs `body`, calls `first` at the first SIGINT or SIGTERM and cancels `body` at the second.
    ///
    /// - Returns: whether `body` was cancelled; it has returned in either case.
    static func cancellingAtSecond(
        first: @escaping @Sendable () -> Void, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await cancelling(after: 2, first: first, body)
    }

    private static func cancelling(
        after count: Int, first: @escaping @Sendable () -> Void, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(2))
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return false
            }
            group.addTask {
                var heard = 0
                for await _ in signals {
                    heard += 1
                    if heard == count { return true }
                    first()
                }
                return false
            }
            let interrupted = try await group.next() ?? false
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError), !interrupted { throw error }
            }
            return interrupted
        }
    }
}
