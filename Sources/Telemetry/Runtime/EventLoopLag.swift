package import NIOCore

/// Measures how late the timers of event loops fire: what else ran on a loop, or did not let it run, held it up.
package struct EventLoopLag: Sendable {
    private let group: any EventLoopGroup
    private let cell: HistogramCell
    private let interval: TimeAmount

    /// - Parameter interval: between two timers of a loop. Ten a second cost nothing and see a stall of some length.
    package init(_ group: any EventLoopGroup, metrics: NodeMetrics, interval: TimeAmount = .milliseconds(100)) {
        self.group = group
        self.interval = interval
        cell = metrics.node.eventLoopLag
    }

    /// Begins on every loop of the group, until the group ends.
    package func start() {
        for loop in group.makeIterator() { Self.schedule(on: loop, interval, cell) }
    }

    private static func schedule(on loop: any EventLoop, _ interval: TimeAmount, _ cell: HistogramCell) {
        let due = NIODeadline.now() + interval
        loop.scheduleTask(deadline: due) {
            cell.observe(microseconds: max(0, (NIODeadline.now() - due).nanoseconds / 1_000))
            schedule(on: loop, interval, cell)
        }
    }
}
