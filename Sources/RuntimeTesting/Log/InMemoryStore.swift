package import CollabModel
internal import Delta
package import DocumentCore
package import RuntimePorts
internal import Synchronization

/// The storage ports in memory, with the semantics of the PostgreSQL statements.
///
/// An append locks the rows of the documents that it fits, keeps them while its transaction is under way, and checks
/// again when it had to wait; a takeover waits for such a lock, and with a clock ends its holder after 200 ms. What goes
/// wrong is decided by a ``LogFaultPlan``. Several nodes of one test share one store.
package final class InMemoryStore: OperationLog, SnapshotStore, DocumentCatalog, ChangePositions {
    package let lanes: Int
    let clock: (any RuntimeClock)?
    let faults: any LogFaultPlan
    let state = Mutex(State())

    /// Names one append under way.
    typealias TransactionID = UInt64
    /// Who waits for a row.
    typealias Waiter = CheckedContinuation<Void, Never>

    struct Row {
        var record: DocumentRecord
        var epoch = Epoch.none
        var owner: NodeIdentity?
        var address: PeerAddress?
        /// The operation of version `n` is at `n - 1`; `nil` where a test has damaged the log.
        var operations: [CommittedOperation?] = []
        /// The last version, also when its operation is damaged.
        var head: Version { Version(Int64(operations.count)) }
        var versions: [OperationKey: Version] = [:]
        var snapshots: [Version: StoredSnapshot] = [:]
        /// How far the change feed has come.
        var published = Version.initial
        var holder: TransactionID?
        var waiters: [Waiter] = []
    }

    struct OperationKey: Hashable {
        var client: ClientID
        var operation: OperationID
    }

    struct StoredSnapshot {
        var snapshot: Snapshot
        var setAsideReason: String?
    }

    struct State {
        var rows: [DocumentID: Row] = [:]
        /// Appends that hold rows.
        var running: Set<TransactionID> = []
        var lastTransaction: TransactionID = 0
        var isDown = false
        /// Time without a clock: a millisecond per change.
        var ticks: Int64 = 0
    }

    /// - Parameter clock: dates changes and bounds how long a takeover waits; without one a takeover waits until the row
    ///   is free or ``endAppends()`` is called, and every change counts as a millisecond.
    package init(lanes: Int = 2, clock: (any RuntimeClock)? = nil, faults: any LogFaultPlan = NoLogFaults()) {
        self.lanes = max(1, lanes)
        self.clock = clock
        self.faults = faults
    }

    // MARK: What a test does to it

    /// Ends every append under way, as if its connection had been terminated: nothing of it is written, and it is told
    /// `outcomeUnknown`.
    package func endAppends() {
        resume(
            state.withLock { state in
                state.running = []
                return state.rows.keys.sorted().flatMap { Self.unlock(&state, $0) }
            })
    }

    /// Crashes the store: every append under way ends as in ``endAppends()``, and every call fails until ``comeBack()``.
    /// What is committed stays.
    package func goDown() {
        state.withLock { $0.isDown = true }
        endAppends()
    }

    /// Takes calls again after ``goDown()``.
    package func comeBack() { state.withLock { $0.isDown = false } }

    /// Makes one version of the log unreadable.
    package func damageOperation(_ version: Version, of document: DocumentID) {
        state.withLock { state in
            let index = Int(version.value) - 1
            guard let row = state.rows[document], row.operations.indices.contains(index) else { return }
            state.rows[document]?.operations[index] = nil
        }
    }

    /// Puts other content under a snapshot's digest.
    package func damageSnapshot(_ version: Version, of document: DocumentID, content: [UInt8]) {
        state.withLock { $0.rows[document]?.snapshots[version]?.snapshot.encodedContent = content }
    }

    /// The whole log of a document, as a checker reads it; damaged versions are left out.
    package func log(of document: DocumentID) -> [CommittedOperation] {
        state.withLock { $0.rows[document]?.operations.compactMap(\.self) ?? [] }
    }

    /// The epoch of a document.
    package func epoch(of document: DocumentID) -> Epoch { state.withLock { $0.rows[document]?.epoch ?? .none } }

    /// The last version of a document's log.
    package func head(of document: DocumentID) -> Version { state.withLock { $0.rows[document]?.head ?? .initial } }

    /// The versions of the document's snapshots that were set aside, in order.
    package func versionsSetAside(of document: DocumentID) -> [Version] {
        state.withLock { state in
            (state.rows[document]?.snapshots ?? [:]).filter { $0.value.setAsideReason != nil }.keys.sorted()
        }
    }

    // MARK: Shared by the ports

    func nowMilliseconds(_ state: inout State) -> Int64 {
        if let clock { return clock.wallMicroseconds() / 1_000 }
        state.ticks += 1
        return state.ticks
    }

    /// Frees the row and gives back whom to wake.
    static func unlock(_ state: inout State, _ document: DocumentID) -> [Waiter] {
        state.rows[document]?.holder = nil
        let waiters = state.rows[document]?.waiters ?? []
        state.rows[document]?.waiters = []
        return waiters
    }

    func resume(_ waiters: [Waiter]) {
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the row may be free; look again.
    func awaitRow(_ document: DocumentID) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.rows[document]?.holder != nil else { return true }
                state.rows[document]?.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Whether the call is to take effect and then fail; throws when it is to fail without.
    func admit(_ call: LogCall) async throws(StoreUnavailable) -> Bool {
        let fault = await faults.fault(for: call)
        guard !state.withLock({ $0.isDown }) else { throw StoreUnavailable("the store is down") }
        switch fault {
        case nil: return false
        case .connectionLost(tookEffect: true): return true
        case .unavailable: throw StoreUnavailable("injected: no connection")
        case .connectionLost(tookEffect: false): throw StoreUnavailable("injected: connection lost")
        case .failed: throw StoreUnavailable("injected: refused by the server")
        }
    }

    /// Runs a call on the state, and lets it fail where the fault plan says so.
    func perform<Result>(_ call: LogCall, _ body: (inout State) -> Result) async throws(StoreUnavailable) -> Result {
        let failsAfterwards = try await admit(call)
        let result = state.withLock { body(&$0) }
        if failsAfterwards { throw StoreUnavailable("injected: connection lost") }
        return result
    }
}
