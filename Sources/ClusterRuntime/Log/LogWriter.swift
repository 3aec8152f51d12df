package import CollabModel
import DocumentCore
package import Logging
package import RuntimePorts

/// What became of an append that was handed to the log writer.
package enum AppendResult: Sendable, Hashable {
    /// Every version up to this one is durable.
    case appended(through: Version)
    /// Another epoch stands in the log: this owner has been succeeded.
    case fenced
    /// The log refused these rows and wrote none of them.
    case failed(String)
}

/// Who is told what became of an append. Called from the writer's tasks; must return soon.
package protocol AppendReceiver: AnyObject, Sendable {
    func appendFinished(_ result: AppendResult)
    /// The log cannot be reached; what was handed over is kept and sent again.
    func logUnavailable(_ message: String)
    func logAvailable()
}

/// Gathers the appends of all documents of a node into few statements (architecture.md, "The log writer").
///
/// Adaptive group commit: a lane sends what has gathered as one statement and gathers the next while it is under way. A
/// document always uses the same lane, so its appends stay in order.
package final class LogWriter: Sendable {
    private let lanes: [LogLane]

    /// - Parameter feed: is told what has become durable.
    package init(
        log: any OperationLog, clock: any RuntimeClock, metrics: any RuntimeMetrics, logger: Logger,
        feed: ChangeFeed? = nil
    ) {
        lanes = (0..<max(1, log.lanes)).map { lane in
            LogLane(lane: lane, log: log, clock: clock, metrics: metrics, logger: logger, feed: feed)
        }
    }

    /// Hands over operations that continue the document's last append. `false`: too much waits; nothing was taken.
    package func append(_ append: DocumentAppend, receiver: any AppendReceiver) -> Bool {
        let lane = Int(truncatingIfNeeded: append.document.value.low % UInt64(lanes.count))
        return lanes[lane].post(append, receiver)
    }

    /// How many operations wait to be durable, and since when the oldest of them does (monotonic microseconds; `nil`
    /// when none is under way).
    package var backlog: (operations: Int, oldest: Int64?) {
        let lanes = lanes.map(\.backlog)
        return (lanes.reduce(0) { $0 + $1.operations }, lanes.compactMap(\.oldest).min())
    }

    /// Writes until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for lane in lanes { group.addTask { await lane.run() } }
        }
    }
}
