import ClusterCore
import CollabModel
import DocumentCore
import Logging
import PeerProtocol
import RuntimePorts
import Synchronization

/// Runs one document's ``OwnerMachine``: the single writer of that document while its epoch lasts.
///
/// Everything that happens arrives in one mailbox and is handled in order, a turn at a time; what the machine wants
/// done is done without waiting, and what takes time runs beside and posts its result.
actor DocumentOwner {
    /// How an owner ended.
    struct Ending: Sendable {
        enum Cause: Sendable {
            case steppedDown(StepDownReason)
            /// The log refused an append: the document has to be loaded again.
            case reload
            /// The node's runtime ends.
            case cancelled

            /// For the log.
            var name: String {
                switch self {
                case .steppedDown(.fenced): "fenced"
                case .steppedDown(.handedOff(let node, _)): "handed off to \(node.id)"
                case .steppedDown(.handOffUnconfirmed(let node)): "no answer from \(node.id)"
                case .steppedDown(.idle): "idle"
                case .reload: "reload"
                case .cancelled: "node ends"
                }
            }
        }
        var cause: Cause
    }

    enum Event: Sendable {
        case input(OwnerInput)
        case attached(StreamID, StreamHello, OwnerStream)
        /// And when it arrived (monotonic microseconds); `nil` when nobody counts that.
        case frame(StreamID, ReplicaFrame, at: Int64?)
        case silence(StreamID, began: Bool)
        case append(AppendResult)
        case epochRead(Ownership?, at: Int64)
        /// The same, read for the questions of replicas.
        case epochConfirmed(Ownership?, at: Int64)
        /// Somebody says that this owner has been succeeded.
        case doubted
        case tick
    }

    nonisolated let document: DocumentID
    nonisolated let epoch: Epoch
    nonisolated let lease: DocumentLease?
    private nonisolated let mailbox = Mailbox<Event>()
    private nonisolated let streamCounter = Atomic<UInt64>(0)
    /// Submissions since the last look, for rebalancing; and what others may ask.
    private nonisolated let figures: Mutex<Figures>

    struct Figures: Sendable {
        var version: Version
        var sessions = 0
        var submissions = 0
    }

    let services: RuntimeServices
    private var machine: OwnerMachine
    private var validity: OwnerValidity
    private var streams: [StreamID: OwnerStream] = [:]
    private var silentSince: [StreamID: Int64] = [:]
    private var questions = CommittedQuestions()
    private var ending: Ending?
    private var turnStarted: Int64 = 0

    init(_ activation: Activation, document: DocumentID, services: RuntimeServices) {
        self.document = document
        self.epoch = activation.epoch
        self.lease = activation.lease
        self.services = services
        self.machine = OwnerMachine(
            document: document, identity: services.membership.identity, epoch: activation.epoch,
            content: activation.document.content, version: activation.document.version,
            recent: activation.document.recent, limits: services.limits)
        machine.stageClock = Self.stageClock(services.clock, services.metrics, services.tracer)
        self.validity = OwnerValidity(
            timeToLiveMicroseconds: services.membership.timing.timeToLiveMicroseconds,
            now: services.clock.monotonicMicroseconds())
        self.figures = Mutex(Figures(version: activation.document.version))
    }

    // MARK: What others may call, from anywhere

    /// Accepts a replica's stream, or not when this owner is ending.
    nonisolated func open(_ hello: StreamHello) -> OpenDecision {
        let mailbox = mailbox
        let epoch = epoch
        let arrivals = services.metrics.isOn ? services.clock : nil
        return .accepted(attach: { stream in
            let id = StreamID(self.streamCounter.add(1, ordering: .relaxed).newValue)
            if !mailbox.post(.attached(id, hello, stream)) {
                // Ended between the decision and the attachment: say so, and the replica searches again.
                stream.send(OwnerFrame(epoch: epoch, message: .end(.steppedDown)))
                stream.close()
            }
            return { event in
                switch event {
                case .message(let frame):
                    // A full mailbox means an owner that cannot keep up: the stream ends rather than lose a message.
                    if !mailbox.post(.frame(id, frame, at: arrivals?.monotonicMicroseconds())) { stream.close() }
                case .silent: mailbox.post(.silence(id, began: true))
                case .heard: mailbox.post(.silence(id, began: false))
                case .ended: mailbox.post(.input(.streamClosed(id)))
                }
            }
        })
    }

    nonisolated func post(_ event: Event) { mailbox.post(event) }

    nonisolated func tick() { mailbox.post(.tick) }

    /// Submissions since the last call.
    nonisolated func takeSubmissionCount() -> Int {
        figures.withLock { figures in
            defer { figures.submissions = 0 }
            return figures.submissions
        }
    }

    nonisolated var currentFigures: Figures { figures.withLock { $0 } }

    // MARK: The loop

    /// Serves until the machine steps down, or until cancelled. Returns when everything that it began has ended.
    func run() async -> Ending {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in await serve(&group) }
            return ending ?? Ending(cause: .cancelled)
        } onCancel: {
            mailbox.close()
        }
    }

    /// Handles events until the end; what takes time runs as children of `group` and posts its result.
    private func serve(_ group: inout DiscardingTaskGroup) async {
        let tasks = BesideTasks()
        while ending == nil, let events = await mailbox.next() {
            turnStarted = services.clock.monotonicMicroseconds()
            look(tasks)
            for event in events { handle(event, tasks) }
            if questions.beginReading() { readEpoch(tasks) { .epochConfirmed($0, at: $1) } }
            settle(tasks)
            for operation in tasks.take() { group.addTask { await operation() } }
            reportFigures()
        }
        mailbox.close()
        // Whoever attached while the last turn was under way was accepted, and is to search again too.
        while let events = await mailbox.next() {
            for case .attached(let id, _, let stream) in events { streams[id] = stream }
        }
        for id in streams.keys.sorted() { end(id, .steppedDown) }
    }

    private func handle(_ event: Event, _ tasks: BesideTasks) {
        switch event {
        case .input(let input):
            if case .streamClosed(let id) = input {
                streams[id] = nil
                silentSince[id] = nil
                questions.forget(id)
            }
            receive(input)
        case .attached(let id, let hello, let stream):
            streams[id] = stream
            receive(.streamOpened(id, hello))
        case .frame(let id, let frame, let arrivedAt):
            guard streams[id] != nil else { return }
            // A replica that speaks to another epoch's owner missed something: it must open again.
            guard frame.epoch == epoch else { return closeBroken(id, tasks) }
            #if MUTANTS
                if Mutant.committedUnconfirmed.isActive { return receive(.message(id, frame.message)) }
            #endif
            switch frame.message {
            case .askCommitted: return questions.ask(.init(stream: id, message: frame.message))
            case .submit:
                figures.withLock { $0.submissions += 1 }
                if let arrivedAt {
                    services.metrics.received(microseconds: services.clock.monotonicMicroseconds() - arrivedAt)
                }
            default: break
            }
            receive(.message(id, frame.message))
        case .silence(let id, let began):
            silentSince[id] = began ? turnStarted : nil
        case .append(let result):
            switch result {
            case .appended(let version):
                validity.appended(now: turnStarted)
                receive(.appended(through: version))
            case .fenced: receive(.fenced)
            case .failed(let message): receive(.appendFailed(message))
            }
        case .epochRead(let ownership, let readAt): checked(ownership, readAt: readAt, tasks)
        case .epochConfirmed(let ownership, let readAt):
            checked(ownership, readAt: readAt, tasks)
            for question in questions.confirmed() { receive(.message(question.stream, question.message)) }
        case .doubted: if validity.beginCheck() { startCheck(tasks) }
        case .tick:
            closeSilent(tasks)
            if !streams.isEmpty, validity.beginIdleCheck(now: turnStarted) { startCheck(tasks) }
            receive(.tick)
        }
    }

    /// Lets the machine take an input; what it wants done is done at the end of the turn.
    private func receive(_ input: OwnerInput) {
        machine.receive(
            input, now: services.clock.monotonicMicroseconds(), wallMicroseconds: services.clock.wallMicroseconds())
    }

    /// Ends a turn: one append and one commit frame per stream for everything that it took.
    private func settle(_ tasks: BesideTasks) {
        let actions = machine.settle(
            now: services.clock.monotonicMicroseconds(), wallMicroseconds: services.clock.wallMicroseconds())
        for action in actions { perform(action, tasks) }
    }

    // MARK: Performing

    private func perform(_ action: OwnerAction, _ tasks: BesideTasks) {
        switch action {
        case .send(let id, let message):
            guard let stream = streams[id] else { return }
            if !stream.send(OwnerFrame(epoch: epoch, message: message)) { closeBroken(id, tasks) }
        case .append(let operations):
            let append = DocumentAppend(document: document, epoch: epoch, operations: operations)
            if !services.writer.append(append, receiver: self) {
                mailbox.post(.append(.failed("too many appends wait")))
            }
        case .close(let id, let end): self.end(id, end)
        case .lookUp(let question, let client, let operation):
            tasks.add { [services, document, mailbox] in
                let found =
                    try? await services.log.find(operation, of: client, in: document).map {
                        LookupResult.found($0.version, $0.digest)
                    } ?? .absent
                mailbox.post(.input(.lookedUp(question, found ?? .unavailable)))
            }
        case .read(let question, let after, let through):
            tasks.add { [services, document, mailbox] in
                let rows = try? await services.log.operations(
                    of: document, after: after, through: through, limit: after.distance(to: through))
                mailbox.post(.input(.read(question, rows)))
            }
        case .snapshot(let version, let content, let digest):
            tasks.add { [services, document, mailbox] in
                let succeeded = await services.writeSnapshot(of: document, version, content, digest)
                mailbox.post(.input(.snapshotFinished(version, succeeded: succeeded)))
            }
        case .handOffReady(let node, let head): propose(to: node, head: head, tasks)
        case .stepDown(let reason): ending = Ending(cause: .steppedDown(reason))
        case .reload: ending = Ending(cause: .reload)
        case .observe(let observation): report(observation)
        }
    }

    private func end(_ id: StreamID, _ end: StreamEnd) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        silentSince[id] = nil
        stream.send(OwnerFrame(epoch: epoch, message: .end(end)))
        stream.close()
    }

    /// Ends a stream that the machine still counts on.
    private func closeBroken(_ id: StreamID, _ tasks: BesideTasks) {
        guard streams[id] != nil else { return }
        end(id, .overflow)
        mailbox.post(.input(.streamClosed(id)))
    }

    /// A gateway that has been silent for a whole time to live is gone; its clients leave.
    private func closeSilent(_ tasks: BesideTasks) {
        let bound = services.membership.timing.timeToLiveMicroseconds
        for (id, since) in silentSince where turnStarted - since > bound { closeBroken(id, tasks) }
    }

    private func reportFigures() {
        let version = machine.committedVersion
        let sessions = machine.connectedClients
        figures.withLock {
            $0.version = version
            $0.sessions = sessions
        }
        services.metrics.documentState(document, version: version, epoch: epoch, sessions: sessions)
    }
}

// MARK: - Validity of the epoch

extension DocumentOwner {
    private func look(_ tasks: BesideTasks) {
        switch validity.look(now: turnStarted, leaseHeldUntil: services.membership.leaseHeldUntil) {
        case .none: return
        case .check: startCheck(tasks)
        case .suspend:
            receive(.suspended)
            startCheck(tasks)
        }
    }

    private func startCheck(_ tasks: BesideTasks) { readEpoch(tasks) { .epochRead($0, at: $1) } }

    /// Reads the epoch, for as long as it takes, and posts what it is and when the reading began.
    private func readEpoch(_ tasks: BesideTasks, _ event: @escaping @Sendable (Ownership?, Int64) -> Event) {
        tasks.add { [services, document, mailbox] in
            var backoff = Backoff()
            while !Task.isCancelled {
                let readAt = services.clock.monotonicMicroseconds()
                if let ownership = try? await services.log.ownership(of: document) {
                    mailbox.post(event(ownership, readAt))
                    return
                }
                guard (try? await services.clock.sleep(for: backoff.next())) != nil else { return }
                if mailbox.isClosed { return }
            }
        }
    }

    private func checked(_ ownership: Ownership?, readAt: Int64, _ tasks: BesideTasks) {
        guard let ownership, ownership.epoch == epoch else { return receive(.fenced) }
        let wasSuspended = validity.confirmed(readAt: readAt)
        let now = services.clock.monotonicMicroseconds()
        // The answer may be old by now (the process may have been stopped again): then suspend anew.
        let need = validity.look(now: now, leaseHeldUntil: services.membership.leaseHeldUntil)
        if need != .none { startCheck(tasks) }
        if need == .suspend {
            if !wasSuspended { receive(.suspended) }
        } else if wasSuspended {
            receive(.resumed)
        }
    }
}

// MARK: - Handoff

extension DocumentOwner {
    private static var confirmationTimeout: Duration { .milliseconds(500) }

    /// Asks the successor to claim. Without its word the epoch is read again: raised, the owner has been succeeded;
    /// unchanged, it goes on only if the successor has declined, and otherwise gives this epoch up.
    private func propose(to node: NodeRecord, head: Version, _ tasks: BesideTasks) {
        let started = services.clock.monotonicMicroseconds()
        tasks.add { [services, document, epoch, mailbox] in
            let request = PeerRequest.takeOver(document, epoch: epoch, head: head)
            var raised: Epoch?
            var isDeclined = false
            do throws(PeerFailure) {
                switch try await services.transport.request(
                    request, to: node.peerAddress, timeout: Self.confirmationTimeout)
                {
                case .tookOver(let successor) where successor > epoch: raised = successor
                case .failed: isDeclined = true
                default: break
                }
            } catch {
                // Nobody listens there: nobody has been asked. Of any other failure the request may still be on its way.
                isDeclined = error == .refused
                #if MUTANTS
                    if Mutant.handoffGoesOn.isActive { isDeclined = true }
                #endif
            }
            while raised == nil, !Task.isCancelled {
                if let ownership = try? await services.log.ownership(of: document) {
                    guard ownership.epoch == epoch else {
                        raised = ownership.epoch
                        break
                    }
                    services.metrics.handOff(
                        succeeded: false, microseconds: services.clock.monotonicMicroseconds() - started)
                    mailbox.post(.input(isDeclined ? .handOffAbandoned : .handOffUnconfirmed))
                    return
                }
                guard (try? await services.clock.sleep(for: .milliseconds(50))) != nil else { return }
            }
            guard let raised else { return }
            services.metrics.handOff(
                succeeded: true, microseconds: services.clock.monotonicMicroseconds() - started)
            mailbox.post(.input(.handOffConfirmed(raised)))
        }
    }
}

extension DocumentOwner: AppendReceiver {
    nonisolated func appendFinished(_ result: AppendResult) { mailbox.post(.append(result)) }
    nonisolated func logUnavailable(_ message: String) { mailbox.post(.input(.logUnavailable(message))) }
    nonisolated func logAvailable() { mailbox.post(.input(.logAvailable)) }
}
