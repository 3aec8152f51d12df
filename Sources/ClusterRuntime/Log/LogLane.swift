import CollabModel
import DocumentCore
import Logging
import RuntimePorts
import Synchronization

/// One sequence of appends: at most one statement outstanding.
final class LogLane: Sendable {
    struct Request: Sendable {
        var append: DocumentAppend
        var receiver: any AppendReceiver
        /// Monotonic microseconds.
        var postedAt: Int64
    }

    private let lane: Int
    private let log: any OperationLog
    private let clock: any RuntimeClock
    private let metrics: any RuntimeMetrics
    private let logger: Logger
    private let feed: ChangeFeed?
    private let requests = Mailbox<Request>()
    /// Operations that were handed over and whose fate is not known.
    private let waiting = Atomic<Int>(0)
    /// When the first of those that have been taken was handed over; 0 while none is under way.
    private let oldest = Atomic<Int64>(0)

    /// Bounds of one statement.
    private static let maximumOperations = 4_096
    private static let maximumBytes = 8 << 20

    init(
        lane: Int, log: any OperationLog, clock: any RuntimeClock, metrics: any RuntimeMetrics, logger: Logger,
        feed: ChangeFeed?
    ) {
        self.lane = lane
        self.log = log
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        self.feed = feed
    }

    func post(_ append: DocumentAppend, _ receiver: any AppendReceiver) -> Bool {
        let count = append.operations.count
        waiting.add(count, ordering: .relaxed)
        let request = Request(append: append, receiver: receiver, postedAt: clock.monotonicMicroseconds())
        guard requests.post(request) else {
            waiting.subtract(count, ordering: .relaxed)
            return false
        }
        return true
    }

    /// How many operations wait to be durable, and since when the oldest of them does (monotonic microseconds).
    var backlog: (operations: Int, oldest: Int64?) {
        let since = oldest.load(ordering: .relaxed)
        return (waiting.load(ordering: .relaxed), since == 0 ? nil : since)
    }

    func run() async {
        await withTaskCancellationHandler {
            while let taken = await requests.next() {
                for batch in Self.statements(of: taken) {
                    oldest.store(batch.reduce(.max) { min($0, $1.postedAt) }, ordering: .relaxed)
                    await write(batch)
                    waiting.subtract(batch.reduce(0) { $0 + $1.append.operations.count }, ordering: .relaxed)
                }
                oldest.store(0, ordering: .relaxed)
                if Task.isCancelled { return }
            }
        } onCancel: {
            requests.close()
        }
    }

    /// Joins each document's requests, in order, and cuts the whole into statements within bounds.
    static func statements(of requests: [Request]) -> [[Request]] {
        var statements: [[Request]] = []
        var current: [Request] = []
        var places: [DocumentID: Int] = [:]
        var operations = 0
        var bytes = 0
        func finish() {
            if !current.isEmpty { statements.append(current) }
            current = []
            places = [:]
            operations = 0
            bytes = 0
        }
        for request in requests {
            let size = request.append.operations.reduce(0) { $0 + $1.encodedDelta.count }
            if operations + request.append.operations.count > maximumOperations || bytes + size > maximumBytes {
                finish()
            }
            operations += request.append.operations.count
            bytes += size
            if let place = places[request.append.document] {
                #if MUTANTS
                    if Mutant.epochNotJoined.isActive, current[place].append.epoch != request.append.epoch {
                        current.append(request)
                        continue
                    }
                #endif
                if current[place].append.epoch == request.append.epoch, current[place].receiver === request.receiver {
                    current[place].append.operations += request.append.operations
                    continue
                }
                // A later owner of the same document in this process: a statement of its own, after this one.
                finish()
            }
            places[request.append.document] = current.count
            current.append(request)
        }
        finish()
        return statements
    }

    /// Writes a statement until every document's fate is known.
    private func write(_ batch: [Request]) async {
        var outage = Outage(receivers: batch.map(\.receiver))
        var backoff = Backoff()
        var transientFailures = 0
        while !Task.isCancelled {
            let started = clock.monotonicMicroseconds()
            do {
                let outcomes = try await log.append(batch.map(\.append), lane: lane)
                metrics.appendBatch(
                    operations: batch.reduce(0) { $0 + $1.append.operations.count }, documents: batch.count,
                    microseconds: clock.monotonicMicroseconds() - started)
                outage.end()
                for (request, outcome) in zip(batch, outcomes) {
                    switch outcome {
                    case .appended: finish(request, .appended(through: request.append.last))
                    case .refused: await settle(request)
                    }
                }
                return
            } catch {
                metrics.appendError()
                #if MUTANTS
                    if Mutant.unknownIsWritten.isActive, case .outcomeUnknown = error {
                        for request in batch {
                            request.receiver.appendFinished(.appended(through: request.append.last))
                        }
                        return
                    }
                #endif
                switch error {
                case .unavailable(let message), .outcomeUnknown(let message):
                    // Unknown: sent again unchanged; what was written is refused as a replay and settled by reading.
                    outage.begin(message)
                    logger.warning("log unavailable", metadata: ["event": "log_unavailable", "reason": "\(message)"])
                    guard (try? await clock.sleep(for: backoff.next())) != nil else { return }
                case .failed(let message, let isTransient):
                    if isTransient, transientFailures < 5 {
                        transientFailures += 1
                        guard (try? await clock.sleep(for: backoff.next())) != nil else { return }
                        continue
                    }
                    outage.end()
                    if batch.count > 1 {
                        for request in batch { await write([request]) }
                    } else {
                        logger.error("append failed", error: error, metadata: ["event": "append_failed"])
                        for request in batch { request.receiver.appendFinished(.failed(message)) }
                    }
                    return
                }
            }
        }
    }

    /// Tells what became of an append: its owner first, then the change feed.
    private func finish(_ request: Request, _ result: AppendResult) {
        request.receiver.appendFinished(result)
        if case .appended(let version) = result { feed?.committed(request.append.document, through: version) }
    }

    /// Finds out why an append was refused: another epoch, or our own rows that were written before.
    private func settle(_ request: Request) async {
        var backoff = Backoff()
        var outage = Outage(receivers: [request.receiver])
        while !Task.isCancelled {
            do {
                let result = try await fate(of: request.append)
                outage.end()
                if result == .fenced { metrics.fencedAppend() }
                finish(request, result)
                return
            } catch {
                outage.begin("\(error)")
                guard (try? await clock.sleep(for: backoff.next())) != nil else { return }
            }
        }
    }

    private func fate(of append: DocumentAppend) async throws -> AppendResult {
        #if MUTANTS
            if Mutant.refusalIsWritten.isActive { return .appended(through: append.last) }
        #endif
        guard let ownership = try await log.ownership(of: append.document) else {
            return .failed("the document is gone")
        }
        guard ownership.epoch == append.epoch else { return .fenced }
        guard ownership.head >= append.last else {
            return .failed("head \(ownership.head) does not precede version \(append.first)")
        }
        do {
            let rows = try await log.operations(
                of: append.document, after: append.first.previous, through: append.last,
                limit: append.operations.count)
            let isOurs = rows.elementsEqual(append.operations) {
                $0.version == $1.version && $0.epoch == $1.epoch && $0.clientID == $1.clientID
                    && $0.operationID == $1.operationID && $0.digest == $1.digest
            }
            return isOurs ? .appended(through: append.last) : .failed("other operations stand at \(append.first)")
        } catch let damage as DamagedLog {
            return .failed(damage.description)
        }
    }
}

/// Tells receivers once that the log is away, and once that it is back.
private struct Outage {
    let receivers: [any AppendReceiver]
    private var isOn = false

    init(receivers: [any AppendReceiver]) { self.receivers = receivers }

    mutating func begin(_ message: String) {
        guard !isOn else { return }
        isOn = true
        for receiver in receivers { receiver.logUnavailable(message) }
    }

    mutating func end() {
        guard isOn else { return }
        isOn = false
        for receiver in receivers { receiver.logAvailable() }
    }
}

extension DocumentAppend {
    var first: Version { operations[0].version }
    var last: Version { operations[operations.count - 1].version }
}
