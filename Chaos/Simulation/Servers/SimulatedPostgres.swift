internal import CollabModel
internal import DocumentCore
internal import RuntimePorts
internal import RuntimeTesting

/// What goes wrong at the simulated PostgreSQL, and how long its statements take.
///
/// Sound although unchecked: a simulation has one thread.
final class PostgresFaults: LogFaultPlan, @unchecked Sendable {
    /// Disks that are full; counted, because faults may overlap.
    var fullDisks = 0
    /// What every statement takes longer, in microseconds.
    var slowness: Int64 = 0
    /// What every commit takes longer while it holds its rows, in microseconds.
    var commitSlowness: Int64 = 0
    /// Of a thousand appends, how many the server refuses; and of a thousand of these, how many for good.
    var refusals: Int64 = 0
    var permanentRefusals: Int64 = 0

    private let scheduler: SimulatedScheduler
    private let network: SimulatedNetwork
    fileprivate(set) var process: SimulatedProcess

    init(scheduler: SimulatedScheduler, process: SimulatedProcess, network: SimulatedNetwork) {
        self.scheduler = scheduler
        self.process = process
        self.network = network
    }

    /// What a statement takes before it is executed.
    func statementTime() -> Int64 { draw(30...250) + (slowness > 0 ? draw(slowness / 2...slowness) : 0) }

    func fault(for call: LogCall) async -> LogFault? {
        guard case .append = call.kind else { return nil }
        if fullDisks > 0 { return .unavailable }
        guard refusals > 0, draw(0...999) < refusals else { return nil }
        return .failed(isTransient: draw(0...999) >= permanentRefusals)
    }

    func whileHoldingRows(_ call: LogCall) async {
        let time = draw(100...900) + (commitSlowness > 0 ? draw(commitSlowness / 2...commitSlowness) : 0)
        let pending = PendingAnswer<Void>()
        await pending.wait { scheduler.after(time, as: process) { pending.answer(()) } }
    }

    private func draw(_ range: ClosedRange<Int64>) -> Int64 { network.draw(range) }
}

/// PostgreSQL in the simulation: the in-memory store with its row locks, head compare-and-set and transactions, as a
/// process on a host of its own.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulatedPostgres: @unchecked Sendable {
    let host: SimulatedHost
    let faults: PostgresFaults
    let store: InMemoryStore
    private let scheduler: SimulatedScheduler
    private var process: SimulatedProcess
    /// Operations that have become durable.
    private(set) var operationsAppended = 0
    /// Told of every takeover: the document, its new epoch and the head that the takeover found.
    var onTakeover: ((DocumentID, Epoch, Version) -> Void)?
    private var commitTimes: [DocumentID: [Int64]] = [:]

    init(scheduler: SimulatedScheduler, network: SimulatedNetwork, lanes: Int) {
        self.scheduler = scheduler
        process = scheduler.makeProcess("postgres")
        faults = PostgresFaults(scheduler: scheduler, process: process, network: network)
        store = InMemoryStore(
            lanes: lanes, clock: SimulatedClock(scheduler, of: scheduler.world), faults: faults)
        host = network.addHost("postgres", distance: 20...150)
        host.process = process
        host.accept = { _ in }
    }

    /// Runs a statement as the server's doing, after the time that it takes; a server that has crashed meanwhile does
    /// nothing.
    func execute(_ statement: @escaping @Sendable () async -> Void) {
        let process = process
        scheduler.after(faults.statementTime(), as: process) {
            guard !process.hasEnded else { return }
            Task { await statement() }
        }
    }

    /// An append has been committed or refused, now.
    func answered(_ append: DocumentAppend, _ outcome: AppendOutcome) {
        scheduler.tell { names in
            "postgres: \(outcome == .appended ? "committed" : "refused") \(names.words(append))"
        }
        guard outcome == .appended else { return }
        operationsAppended += append.operations.count
        for _ in append.operations { commitTimes[append.document, default: []].append(scheduler.now) }
    }

    /// A takeover has succeeded or not, now.
    func answered(_ outcome: TakeoverOutcome, about document: DocumentID, to node: NodeIdentity) {
        switch outcome {
        case .taken(let epoch, let head):
            scheduler.tell { names in
                "postgres: \(node.node) owns \(names.name(document)) in epoch \(epoch), the log ends at \(head)"
            }
            onTakeover?(document, epoch, head)
        case .superseded(let ownership):
            scheduler.tell { names in
                "postgres: not \(node.node): \(names.name(document)) is in epoch \(ownership.epoch)"
            }
        case .noSuchDocument: break
        }
    }

    /// When each version of a document was committed.
    func commitTimes(of document: DocumentID) -> [Int64] { commitTimes[document] ?? [] }

    // MARK: Life

    var isRunning: Bool { host.process != nil }

    /// Ends the server: what was not committed is gone, every connection is lost.
    func crash(_ network: SimulatedNetwork, _ manner: NodeDeath) {
        guard isRunning else { return }
        host.process = nil
        host.isUp = manner != .silent
        network.abandon(process, manner)
        scheduler.end(process)
        store.goDown()
    }

    func start(_ network: SimulatedNetwork) {
        guard !isRunning else { return }
        process = scheduler.makeProcess("postgres")
        faults.process = process
        host.isUp = true
        host.process = process
        store.comeBack()
        network.disown(host)
    }
}
