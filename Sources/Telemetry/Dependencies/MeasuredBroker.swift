package import RuntimePorts

/// A broker whose requests are timed and counted as those of RabbitMQ.
package struct MeasuredBroker: ChangeBroker {
    private let broker: any ChangeBroker
    private let cells: FeedCells
    private let clock: any RuntimeClock

    package init(_ broker: any ChangeBroker, metrics: NodeMetrics, clock: any RuntimeClock) {
        self.broker = broker
        self.clock = clock
        cells = metrics.feed
    }

    package func reach() async throws(BrokerUnavailable) {
        try await cells.requests.measure(.reach, clock) { () async throws(BrokerUnavailable) in
            try await broker.reach()
        }
    }

    package func publish(_ changes: [Change]) async throws(BrokerUnavailable) {
        let started = clock.monotonicMicroseconds()
        try await cells.requests.measure(.publish, clock) { () async throws(BrokerUnavailable) in
            try await broker.publish(changes)
        }
        let microseconds = clock.monotonicMicroseconds() - started
        for _ in changes { cells.publishLatency.observe(microseconds: microseconds) }
    }

    package func queueDepths() async throws(BrokerUnavailable) -> [QueueDepth] {
        try await cells.requests.measure(.depths, clock) { () async throws(BrokerUnavailable) in
            try await broker.queueDepths()
        }
    }

    package var links: DependencyLinks { broker.links }

    package func shutdown() async { await broker.shutdown() }
}
