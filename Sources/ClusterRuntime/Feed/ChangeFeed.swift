import ClusterCore
package import CollabModel
import DequeModule
import DocumentCore
package import Logging
package import RuntimePorts
import Synchronization

/// Publishes durable operations to the broker, from the log (guarantees.md, "RabbitMQ gone").
///
/// The log writer says what has become durable; what that is, and how far a document was published, is read from
/// PostgreSQL. So an edit never waits for the broker, and what it could not be told is told later, also by another node.
///
/// Each document's operations are published in the order of their versions, from the first one of which it is not known
/// that the broker has it. So a consumer may get an operation again, and never misses one.
package final class ChangeFeed: Sendable {
    /// Bounds, and how often things are done.
    package struct Settings: Sendable {
        /// A round of publishing begins no sooner than this after the last; what became durable meanwhile goes together.
        package var pace: Duration = .milliseconds(50)
        /// Documents of one round.
        package var documentsPerRound = 64
        /// Operations of one document in one round, at most; fewer where they are large.
        package var operationsPerDocument = 1_024
        /// How much of one document is read at once, about.
        package var bytesPerDocument = 4 << 20
        /// Documents that may wait; what comes beyond is found by looking through the log.
        package var waitingDocuments = 100_000
        /// Documents that are looked at in one statement.
        package var page = 500
        /// How often all documents are looked at for operations that nobody publishes.
        package var sweepInterval: Duration = .seconds(300)
        /// How often the queues are measured.
        package var depthInterval: Duration = .seconds(5)
        package init() {}
    }

    private struct State {
        /// Documents with operations to publish, and up to which version they are known to be durable.
        var waiting: [DocumentID: Version] = [:]
        /// In which order they came.
        var order = Deque<DocumentID>()
        /// Documents of the round that is under way.
        var underway: Set<DocumentID> = []
        /// Whether the broker, or the log, could not be asked.
        var isFailing = false
    }

    private let state = Mutex(State())
    private let publishing = Mailbox<Void>(capacity: 1)
    private let sweeping = Mailbox<Void>(capacity: 1)
    private let settings: Settings
    private let broker: any ChangeBroker
    private let positions: any ChangePositions
    private let log: any OperationLog
    private let membership: Membership
    private let clock: any RuntimeClock
    private let metrics: any RuntimeMetrics
    private let logger: Logger

    package init(
        _ settings: Settings = Settings(), broker: any ChangeBroker, positions: any ChangePositions,
        log: any OperationLog, membership: Membership, clock: any RuntimeClock, metrics: any RuntimeMetrics,
        logger: Logger
    ) {
        self.settings = settings
        self.broker = broker
        self.positions = positions
        self.log = log
        self.membership = membership
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    /// Says that the operations of a document are durable up to a version. Never waits.
    package func committed(_ document: DocumentID, through version: Version) {
        let isTaken = state.withLock { state in
            if let known = state.waiting[document] {
                state.waiting[document] = max(known, version)
                return true
            }
            guard state.waiting.count < settings.waitingDocuments else { return false }
            state.waiting[document] = version
            state.order.append(document)
            return true
        }
        if isTaken { publishing.post(()) }
    }

    /// Looks soon for what a member that is gone has left unpublished.
    func membersChanged() { sweeping.post(()) }

    /// Documents of which something is to be published.
    package var backlog: Int { state.withLock { $0.waiting.count + $0.underway.count } }

    /// Returns when nothing waits any more, when the broker fails, or after a time.
    package func flush(withinMilliseconds milliseconds: Int) async {
        let end = clock.monotonicMicroseconds() + Int64(milliseconds) * 1_000
        while backlog > 0, !state.withLock({ $0.isFailing }), clock.monotonicMicroseconds() < end {
            guard (try? await clock.sleep(for: .milliseconds(10))) != nil else { return }
        }
    }

    /// Publishes until cancelled.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.publish() }
                group.addTask { await self.sweep() }
                group.addTask {
                    repeat { self.sweeping.post(()) } while await self.pause(self.settings.sweepInterval)
                }
                group.addTask {
                    repeat { await self.measure() } while await self.pause(self.settings.depthInterval)
                }
            }
        } onCancel: {
            publishing.close()
            sweeping.close()
        }
    }

    // MARK: Publishing

    private func publish() async {
        var backoff = Backoff(to: .seconds(5))
        while await publishing.next() != nil {
            while let round = begin() {
                let started = clock.monotonicMicroseconds()
                do {
                    let rest = try await publish(round)
                    end(rest)
                    succeeded()
                    backoff.reset()
                    let pace = settings.pace - .microseconds(clock.monotonicMicroseconds() - started)
                    if pace > .zero, !(await pause(pace)) { return }
                } catch {
                    end(round)
                    failed(error)
                    guard await pause(backoff.next()) else { return }
                }
            }
        }
    }

    private func begin() -> [DocumentID: Version]? {
        state.withLock { state in
            var round: [DocumentID: Version] = [:]
            while round.count < settings.documentsPerRound, let document = state.order.popFirst() {
                round[document] = state.waiting.removeValue(forKey: document)
            }
            state.underway = Set(round.keys)
            return round.isEmpty ? nil : round
        }
    }

    /// Ends a round; `rest` is still to be published.
    private func end(_ rest: [DocumentID: Version]) {
        state.withLock { $0.underway = [] }
        for (document, version) in rest { committed(document, through: version) }
        metrics.changesWaiting(documents: backlog)
    }

    /// Publishes what a round has room for, and returns the rest.
    private func publish(_ round: [DocumentID: Version]) async throws -> [DocumentID: Version] {
        let published = try await positions.published(of: round.keys.sorted())
        var changes: [Change] = []
        var reached: [DocumentID: Version] = [:]
        var rest: [DocumentID: Version] = [:]
        for (document, durable) in round.sorted(by: { $0.key < $1.key }) {
            let position = published[document] ?? .initial
            guard durable > position else { continue }
            do {
                let operations = try await read(document, after: position, through: durable)
                guard let last = operations.last?.version else { continue }
                changes += operations.map { Change(document: document, operation: $0) }
                reached[document] = last
                if last < durable { rest[document] = durable }
            } catch let damage as DamagedLog {
                // Nothing of it can be published before somebody has mended it; the others go on.
                logger.error(
                    "a document's changes cannot be read", error: damage,
                    metadata: ["event": "changes_damaged", "document_id": "\(document)"])
            }
        }
        guard !changes.isEmpty else { return rest }
        try await broker.publish(changes)
        try await positions.setPublished(reached)
        metrics.changesPublished(changes.count)
        return rest
    }

    /// Reads a first portion, so small that its size is known to be, and as many more operations as that one allows.
    private func read(
        _ document: DocumentID, after position: Version, through durable: Version
    ) async throws -> [CommittedOperation] {
        let first = try await log.operations(
            of: document, after: position, through: durable, limit: Self.firstOperations)
        guard let last = first.last?.version, last < durable else { return first }
        let bytes = first.reduce(0) { $0 + $1.encodedDelta.count }
        let room = min(
            settings.operationsPerDocument - first.count,
            (settings.bytesPerDocument - bytes) / max(1, bytes / first.count))
        guard room > 0 else { return first }
        return first + (try await log.operations(of: document, after: last, through: durable, limit: room))
    }

    /// At most 8 MiB where each has the default bound of an operation.
    private static let firstOperations = 16

    // MARK: What nobody publishes

    private func sweep() async {
        var backoff = Backoff(to: .seconds(5))
        while await sweeping.next() != nil {
            while !Task.isCancelled {
                do {
                    try await lookThrough()
                    backoff.reset()
                    break
                } catch {
                    guard await pause(backoff.next()) else { return }
                }
            }
        }
    }

    /// Goes through all documents for those that this node is to publish: its own, and of those whose owner is no member
    /// any more the ones whose place is here.
    private func lookThrough() async throws {
        var behind: DocumentID?
        repeat {
            let page = try await positions.unpublished(after: behind, limit: settings.page)
            let view = membership.view
            for document in page.documents where isOurs(document, in: view) {
                committed(document.document, through: document.head)
            }
            behind = page.next
            // What waits already comes first.
            while behind != nil, backlog > 4 * settings.page {
                guard await pause(.seconds(1)) else { return }
            }
        } while behind != nil
    }

    private func isOurs(_ document: UnpublishedDocument, in view: MembershipView) -> Bool {
        if let owner = document.owner {
            if owner == membership.identity { return true }
            if view.contains(owner) { return false }
        }
        return view.placement(of: document.document)?.identity == membership.identity
    }

    // MARK: Queues and failures

    private func measure() async {
        // Whoever publishes says what fails; a depth of before would pass for one of now.
        metrics.queueDepths((try? await broker.queueDepths()) ?? [])
    }

    private func succeeded() {
        let wasFailing = state.withLock { state in
            defer { state.isFailing = false }
            return state.isFailing
        }
        guard wasFailing else { return }
        logger.info("changes are published again", metadata: ["event": "changes_resumed"])
    }

    private func failed(_ error: any Error) {
        let isNew = state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
        guard isNew, !Task.isCancelled else { return }
        logger.warning(
            "changes cannot be published; they are later",
            metadata: ["event": "changes_held_back", "reason": "\(error)"])
    }

    /// `false`: cancelled.
    private func pause(_ duration: Duration) async -> Bool { (try? await clock.sleep(for: duration)) != nil }
}

/// Where the change feed goes, and what remembers how far it has come.
package struct ChangeFeedPorts: Sendable {
    package var broker: any ChangeBroker
    package var positions: any ChangePositions
    package init(broker: any ChangeBroker, positions: any ChangePositions) {
        self.broker = broker
        self.positions = positions
    }
}
