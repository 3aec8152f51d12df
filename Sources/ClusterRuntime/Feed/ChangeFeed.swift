import ClusterCore
package import CollabModel
import DequeModule
import DocumentCore
package import Logging
package import RuntimePorts
import Synchronization

/// Publishes durable operations to the broker, from the log (guarantees.md, "Events").
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
        /// How much is read for one round, about; the rest waits for the next.
        package var bytesPerRound = 8 << 20
        /// Documents that may wait; what comes beyond is found by looking through the log.
        package var waitingDocuments = 100_000
        /// Documents that are looked at in one statement.
        package var page = 500
        /// How often all documents are looked at for operations that nobody publishes.
        package var sweepInterval: Duration = .seconds(60)
        /// How often the queues are measured.
        package var depthInterval: Duration = .seconds(5)
        package init() {}
    }

    private struct State {
        /// Documents with operations to publish, and up to which version they are known to be durable.
        var waiting: [DocumentID: Version] = [:]
        /// In which order they came.
        var order = Deque<DocumentID>()
        /// How many documents are in the round that is under way.
        var underway = 0
        /// Whether the broker, or the log, could not be asked.
        var isFailing = false
        /// Documents that cannot be read, and are not tried again before all documents are looked at next.
        var damaged: Set<DocumentID> = []
        /// How often the members have changed.
        var memberChanges = 0
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
            guard !state.damaged.contains(document) else { return false }
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
    func membersChanged() {
        state.withLock { $0.memberChanges += 1 }
        sweeping.post(())
    }

    /// Documents of which something is to be published.
    package var backlog: Int { state.withLock { $0.waiting.count + $0.underway } }

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
        // After a failure little is sent, until the broker takes it: it may be sent again and again.
        var isCautious = false
        while await publishing.next() != nil {
            while let round = begin(documents: isCautious ? 1 : settings.documentsPerRound) {
                let started = clock.monotonicMicroseconds()
                do {
                    // Nothing is read from the log for a broker that is not there.
                    try await broker.reach()
                    let rest = try await publish(round, operations: isCautious ? 0 : settings.operationsPerDocument)
                    end(rest)
                    isCautious = false
                    backoff.reset()
                    let pace = settings.pace - .microseconds(clock.monotonicMicroseconds() - started)
                    if pace > .zero, !(await pause(pace)) { return }
                } catch {
                    end(round)
                    failed(error)
                    isCautious = true
                    guard await pause(backoff.next()) else { return }
                }
            }
        }
    }

    /// A document, and up to which version it is durable.
    private typealias Item = (document: DocumentID, durable: Version)

    private func begin(documents: Int) -> [Item]? {
        state.withLock { state in
            var round: [Item] = []
            while round.count < documents, let document = state.order.popFirst() {
                if let durable = state.waiting.removeValue(forKey: document) { round.append((document, durable)) }
            }
            state.underway = round.count
            return round.isEmpty ? nil : round
        }
    }

    /// Ends a round; `rest` is still to be published.
    private func end(_ rest: [Item]) {
        state.withLock { $0.underway = 0 }
        for item in rest { committed(item.document, through: item.durable) }
        metrics.changesWaiting(documents: backlog)
    }

    /// Publishes what a round has room for, and returns the rest: first what it has not come to, so that no document keeps
    /// the others waiting.
    private func publish(_ round: [Item], operations limit: Int) async throws -> [Item] {
        let published = try await positions.published(of: round.map(\.document))
        var changes: [Change] = []
        var reached: [DocumentID: Version] = [:]
        var (untouched, unfinished): ([Item], [Item]) = ([], [])
        var bytes = 0
        for (document, durable) in round {
            let position = published[document] ?? .initial
            guard durable > position else { continue }
            guard bytes < settings.bytesPerRound else {
                untouched.append((document, durable))
                continue
            }
            do {
                let operations = try await read(
                    document, after: position, through: durable, operations: limit,
                    bytes: settings.bytesPerRound - bytes)
                guard let last = operations.last?.version else { continue }
                bytes += Self.bytes(of: operations)
                changes += operations.map { Change(document: document, operation: $0) }
                reached[document] = last
                if last < durable { unfinished.append((document, durable)) }
            } catch let damage as DamagedLog {
                // Nothing of it can be published before somebody has mended it; the others go on.
                setAside(document)
                logger.error(
                    "a document's changes cannot be read", error: damage,
                    metadata: ["event": "changes_damaged", "document_id": "\(document)"])
            }
        }
        guard !changes.isEmpty else { return untouched + unfinished }
        try await broker.publish(changes)
        try await positions.setPublished(reached)
        metrics.changesPublished(changes.count)
        succeeded()
        return untouched + unfinished
    }

    /// Reads a first portion, so small that its size is known to be, and as many more operations as that one allows.
    private func read(
        _ document: DocumentID, after position: Version, through durable: Version, operations: Int, bytes room: Int
    ) async throws -> [CommittedOperation] {
        let first = try await log.operations(
            of: document, after: position, through: durable, limit: Self.firstOperations)
        guard let last = first.last?.version, last < durable else { return first }
        let bytes = Self.bytes(of: first)
        let limit = min(
            operations - first.count, (room - bytes) / max(1, bytes / first.count))
        guard limit > 0 else { return first }
        return first + (try await log.operations(of: document, after: last, through: durable, limit: limit))
    }

    private static func bytes(of operations: [CommittedOperation]) -> Int {
        operations.reduce(0) { $0 + $1.encodedDelta.count }
    }

    private func setAside(_ document: DocumentID) {
        state.withLock { state in
            // A log with so many that cannot be read needs somebody to look at it, not an exact list.
            if state.damaged.count >= settings.waitingDocuments { state.damaged = [] }
            state.damaged.insert(document)
        }
    }

    /// At most 8 MiB where each has the default bound of an operation.
    private static let firstOperations = 16

    // MARK: What nobody publishes

    private func sweep() async {
        var duty = PublishingDuty(
            membership.identity, patience: Int64(settings.sweepInterval / .microseconds(1)) * 9 / 10,
            capacity: settings.waitingDocuments)
        var backoff = Backoff(to: .seconds(5))
        while await sweeping.next() != nil {
            // A node that starts, and one that sees others go, first lets its view settle.
            guard await settle() else { return }
            var isOver = false
            while !isOver {
                do {
                    isOver = try await lookThrough(&duty)
                    backoff.reset()
                    if !isOver, !(await settle()) { return }
                } catch {
                    guard await pause(backoff.next()) else { return }
                }
            }
        }
    }

    /// Returns when the members have stayed the same for a time to live; `false`: cancelled.
    private func settle() async -> Bool {
        var changes: Int
        repeat {
            changes = state.withLock { $0.memberChanges }
            guard await pause(.milliseconds(membership.timing.timeToLiveMilliseconds)) else { return false }
        } while changes != state.withLock { $0.memberChanges }
        return true
    }

    /// Goes through all documents for those that this node is to publish; `false`: of some it cannot be said yet.
    private func lookThrough(_ duty: inout PublishingDuty) async throws -> Bool {
        let canPublish = state.withLock { state in
            state.damaged = []
            return !state.isFailing
        }
        duty.begin(canPublish: canPublish)
        var isSure = true
        var behind: DocumentID?
        repeat {
            let page = try await positions.unpublished(after: behind, limit: settings.page)
            let (view, trustsAbsence) = (membership.view, membership.trustsAbsence)
            let now = clock.monotonicMicroseconds()
            for document in page.documents {
                switch duty.covers(document, in: view, trustsAbsence: trustsAbsence, now: now) {
                case true?: committed(document.document, through: document.head)
                case false?: break
                case nil: isSure = false
                }
            }
            behind = page.next
            // What waits already comes first.
            while behind != nil, backlog > 4 * settings.page {
                guard await pause(.seconds(1)) else { return true }
            }
        } while behind != nil
        return isSure
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
