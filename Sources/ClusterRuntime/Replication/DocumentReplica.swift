import ClusterCore
import CollabModel
import Delta
import DocumentCore
import Logging
import PeerProtocol
import RuntimePorts
import Synchronization

/// Runs one document's ``ReplicaMachine`` on this node: the sessions of the document that are connected here, and the
/// stream to its owner, wherever that is.
actor DocumentReplica {
    enum Event: Sendable {
        case input(ReplicaInput)
        case attach(SessionToken, SessionRequest, any SessionOutbox)
        case detach(SessionToken)
        /// From the stream that the search with this number opened.
        case stream(search: UInt64, PeerStreamEvent<OwnerFrame>)
        case found(search: UInt64, OwnerSeeker.Outcome)
        case warmState(CheckedContinuation<LoadedDocument?, Never>)
        /// What the owner said meanwhile may go out now.
        case gathered
        case tick
    }

    private enum Link {
        case none
        case searching(number: UInt64, early: [PeerStreamEvent<OwnerFrame>])
        case linked(number: UInt64, ReplicaStream, NodeRecord)
    }

    nonisolated let document: DocumentID
    private nonisolated let mailbox = Mailbox<Event>()
    private nonisolated let sessionsHere = Atomic<Int>(0)
    private let services: RuntimeServices
    private let openHere: @Sendable (OpenRequest, @escaping OwnerSeeker.Handler) async -> OpenResult
    private var machine: ReplicaMachine
    private var outboxes: [SessionToken: any SessionOutbox] = [:]
    private var link = Link.none
    private var searches: UInt64 = 0
    private var searchStarted: Int64 = 0
    private var epoch = Epoch.none
    /// When the last owner was lost, and who it was.
    private var lost: (owner: BelievedOwner, at: Int64)?
    private var isOver = false
    private var pace = FanOutPace()
    /// What the owner said since the last batch went out, in order; not empty only while a timer runs.
    private var gathering: [(search: UInt64, event: PeerStreamEvent<OwnerFrame>)] = []

    init(
        document: DocumentID, services: RuntimeServices,
        openHere: @escaping @Sendable (OpenRequest, @escaping OwnerSeeker.Handler) async -> OpenResult
    ) {
        self.document = document
        self.services = services
        self.openHere = openHere
        self.machine = ReplicaMachine(
            document: document, gateway: services.membership.identity, limits: services.limits)
    }

    // MARK: What others may call, from anywhere

    /// Posts an event; `false`: the replica is over, and a new one has to be made.
    @discardableResult
    nonisolated func post(_ event: Event) -> Bool { mailbox.post(event) }

    nonisolated var sessionCount: Int { sessionsHere.load(ordering: .relaxed) }

    /// The verified state that this replica holds, from which a new owner on this node continues.
    nonisolated func warmState() async -> LoadedDocument? {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.warmState(continuation)) { continuation.resume(returning: nil) }
        }
    }

    /// Ends the replica: every session is closed with the code.
    nonisolated func closeAll(_ code: CloseCode, _ reason: String) {
        mailbox.post(.input(.closeAll(code, reason)))
    }

    // MARK: The loop

    /// Serves until nobody has been attached for long, or until cancelled.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                await serve(&group)
                group.cancelAll()
            }
        } onCancel: {
            mailbox.close()
        }
    }

    private func serve(_ group: inout DiscardingTaskGroup) async {
        let tasks = BesideTasks()
        search(nil, tasks)
        for operation in tasks.take() { group.addTask { await operation() } }
        while let events = await mailbox.next() {
            for event in events { handle(event, tasks) }
            settle(tasks)
            for operation in tasks.take() { group.addTask { await operation() } }
            if isOver { mailbox.close() }
        }
        if case .linked(_, let stream, _) = link { stream.close() }
        for (_, outbox) in outboxes { outbox.close(.nodeLeaving, "the node is leaving") }
        outboxes = [:]
        sessionsHere.store(0, ordering: .relaxed)
    }

    private func handle(_ event: Event, _ tasks: BesideTasks) {
        switch event {
        case .input(let input): receive(input)
        case .attach(let token, let request, let outbox):
            isOver = false
            outboxes[token] = outbox
            countSessions()
            receive(.attach(token, request))
        case .detach(let token):
            guard outboxes.removeValue(forKey: token) != nil else { return }
            countSessions()
            receive(.detach(token))
        case .stream(let number, let event): gather(event, search: number, tasks)
        case .gathered:
            let gathered = gathering
            gathering = []
            for (number, event) in gathered { arrived(event, search: number, tasks) }
        case .found(let number, let outcome): found(outcome, search: number, tasks)
        case .warmState(let continuation): continuation.resume(returning: heldState)
        case .tick: receive(.tick)
        }
    }

    private var heldState: LoadedDocument? {
        machine.content.map {
            LoadedDocument(content: $0, version: machine.version, recent: machine.recentOperations)
        }
    }

    private func countSessions() { sessionsHere.store(outboxes.count, ordering: .relaxed) }

    /// Lets the machine take an input; what it wants done is done at the end of the turn, or before the link changes.
    private func receive(_ input: ReplicaInput) {
        machine.receive(input, now: services.clock.monotonicMicroseconds())
    }

    private func settle(_ tasks: BesideTasks) {
        for action in machine.settle(now: services.clock.monotonicMicroseconds()) { perform(action, tasks) }
    }

    // MARK: Performing

    private func perform(_ action: ReplicaAction, _ tasks: BesideTasks) {
        switch action {
        case .toOwner(let message):
            // Without a stream the machine sends it again when the next one opens.
            guard case .linked(_, let stream, _) = link else { return }
            stream.send(ReplicaFrame(epoch: epoch, message: message))
        case .send(let token, let event): outboxes[token]?.send(event)
        case .fanOut(let batch, let tokens):
            let shared = SharedCommitBatch(batch)
            for token in tokens { outboxes[token]?.send(shared) }
            pace.wentOut(to: outboxes.count, now: services.clock.monotonicMicroseconds())
            services.metrics.syncLag(
                microseconds: max(0, services.clock.wallMicroseconds() - batch.committedAtMicroseconds))
        case .close(let token, let code, let reason):
            outboxes.removeValue(forKey: token)?.close(code, reason)
            countSessions()
        case .read(let question, let after, let through):
            tasks.add { [services, document, mailbox] in
                let rows = try? await services.log.operations(
                    of: document, after: after, through: through, limit: after.distance(to: through))
                mailbox.post(.input(.read(question, rows)))
            }
        case .fanOutEvent(let event, let tokens):
            for token in tokens { outboxes[token]?.send(event) }
        case .lookUpLast(let question, let client, let bound):
            #if MUTANTS
                let through = Mutant.unboundedLastOperation.isActive ? Version(.max) : bound
            #else
                let through = bound
            #endif
            tasks.add { [services, document, mailbox] in
                let last = try? await services.log.lastOperation(of: client, in: document, through: through)
                mailbox.post(.input(.lastOperation(question, last ?? nil)))
            }
        case .dropLink(let reason):
            services.logger.warning(
                "stream to the owner dropped",
                metadata: ["event": "link_dropped", "document_id": "\(document)", "reason": "\(reason)"])
            lose(.steppedDown, tasks)
        case .idle: isOver = outboxes.isEmpty
        case .observe(let observation): services.metrics.replica(observation)
        }
    }

    // MARK: The link

    private func search(
        _ lost: (owner: BelievedOwner, loss: OwnerSearch.Loss)?, after pause: Duration? = nil, _ tasks: BesideTasks
    ) {
        searches += 1
        searchStarted = services.clock.monotonicMicroseconds()
        let number = searches
        link = .searching(number: number, early: [])
        let seeker = OwnerSeeker(services: services, openHere: openHere)
        let hello = machine.hello
        tasks.add { [mailbox, clock = services.clock] in
            if let pause { try? await clock.sleep(for: pause) }
            let outcome = await seeker.seek(
                hello, lost: lost,
                handler: { mailbox.post(.stream(search: number, $0)) },
                unavailable: { mailbox.post(.input(.linkUnavailable($0))) })
            if !mailbox.post(.found(search: number, outcome)), case .opened(let stream, _, _) = outcome {
                stream.close()
            }
        }
    }

    private func found(_ outcome: OwnerSeeker.Outcome, search number: UInt64, _ tasks: BesideTasks) {
        guard case .searching(number, let early) = link else { return }
        switch outcome {
        case .opened(let stream, let node, let cause):
            link = .linked(number: number, stream, node)
            if let cause { report(cause, successor: node) }
            lost = nil
            for event in early { arrived(event, search: number, tasks) }
        case .gaveUp(let refusal):
            link = .none
            switch refusal {
            case .noSuchDocument: receive(.closeAll(.notFound, "no such document"))
            case .damaged(let message): receive(.closeAll(.overloaded, "the document cannot be loaded: \(message)"))
            default: receive(.closeAll(.overloaded, "the document cannot be had"))
            }
            isOver = true
        case .cancelled: link = .none
        }
    }

    /// Lets what the owner says gather while a batch of commits is being sent out; sessions' own messages never wait.
    private func gather(_ event: PeerStreamEvent<OwnerFrame>, search number: UInt64, _ tasks: BesideTasks) {
        if gathering.isEmpty {
            let wait = pace.wait(now: services.clock.monotonicMicroseconds())
            guard wait > 0 else { return arrived(event, search: number, tasks) }
            tasks.add { [services, mailbox] in
                try? await services.clock.sleep(for: .microseconds(wait))
                mailbox.post(.gathered)
            }
        }
        gathering.append((number, event))
    }

    /// An owner was found in the place of one that is gone: lost by this replica, or before it was made.
    private func report(_ cause: FailoverCause, successor: NodeRecord) {
        let elapsed = services.clock.monotonicMicroseconds() - (lost?.at ?? searchStarted)
        services.metrics.failover(cause, microseconds: elapsed)
        if let lost {
            services.changes.note(
                OwnerlessGap(document: document, lostEpoch: lost.owner.epoch, microseconds: elapsed))
        }
        services.logger.info(
            "owner replaced",
            metadata: [
                "event": "failover", "document_id": "\(document)", "cause": "\(cause.rawValue)",
                "from": "\(lost.map { $0.owner.record.id.text } ?? "unknown")", "to": "\(successor.id)",
                "duration_us": "\(elapsed)",
            ])
    }

    private func arrived(_ event: PeerStreamEvent<OwnerFrame>, search number: UInt64, _ tasks: BesideTasks) {
        switch link {
        case .searching(number, var early):
            early.append(event)
            link = .searching(number: number, early: early)
            return
        case .linked(number, _, _): break
        default: return
        }
        switch event {
        case .message(let frame):
            if case .end(let end) = frame.message { return ended(end, frame.epoch, tasks) }
            if case .opened(let opening) = frame.message { epoch = opening.epoch }
            receive(.message(frame.epoch, frame.message))
        case .silent: lose(.failure(.silent), tasks)
        case .heard: return
        case .ended(let failure): lose(.failure(failure == .silent ? .silent : .closed), tasks)
        }
    }

    private func ended(_ end: StreamEnd, _ epoch: Epoch, _ tasks: BesideTasks) {
        switch end {
        case .movedTo(let node, let epoch): lose(.moved(node, epoch), tasks)
        case .steppedDown, .overflow: lose(.steppedDown, tasks)
        case .deleted:
            receive(.closeAll(.deleted, "the document was deleted"))
            isOver = true
        case .failed(let message):
            // An owner that took over at once would most likely fail at once.
            receive(.linkUnavailable(message))
            lose(.steppedDown, pausing: Self.pauseAfterFailure, tasks)
        }
    }

    /// How long a document whose owner could not write is left alone.
    private static let pauseAfterFailure = Duration.milliseconds(500)

    /// The stream is gone or of no use: sessions stay, and the owner is searched.
    private func lose(_ loss: OwnerSearch.Loss, pausing pause: Duration? = nil, _ tasks: BesideTasks) {
        guard case .linked(_, let stream, let node) = link else { return }
        settle(tasks)
        guard case .linked(_, let current, _) = link, current === stream else { return }
        stream.close()
        let owner = BelievedOwner(record: node, epoch: epoch)
        lost = (owner, services.clock.monotonicMicroseconds())
        receive(.linkLost)
        search((owner, loss), after: pause, tasks)
    }
}
