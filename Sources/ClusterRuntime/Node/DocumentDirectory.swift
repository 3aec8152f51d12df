import ClusterCore
import CollabModel
import Delta
import DocumentCore
import Logging
import PeerProtocol
import RuntimePorts
import Synchronization

/// The documents that this node owns or follows.
final class DocumentDirectory: Sendable {
    private enum Ownership {
        case activating(Task<Result<DocumentOwner, Activator.Declined>, Never>)
        case active(DocumentOwner)
    }

    private struct State {
        var owners: [DocumentID: Ownership] = [:]
        var replicas: [DocumentID: DocumentReplica] = [:]
        var avoided = AvoidedNodes()
        var nextSession: UInt64 = 0
        var isDraining = false
        var isClosed = false
    }

    let services: RuntimeServices
    private let activator: Activator
    private let supervisor: TaskSupervisor
    private let state = Mutex(State())

    init(services: RuntimeServices, supervisor: TaskSupervisor) {
        self.services = services
        self.supervisor = supervisor
        self.activator = Activator(
            membership: services.membership, leases: services.leases, log: services.log, loader: services.loader,
            transport: services.transport, logger: services.logger, recentLimit: services.limits.windowOperations)
    }

    /// Whether it refuses to own anything new.
    func setDraining(_ isDraining: Bool) { state.withLock { $0.isDraining = isDraining } }

    // MARK: Owners

    /// The owner on this node, when there is one.
    func owner(of document: DocumentID) -> DocumentOwner? {
        state.withLock { if case .active(let owner)? = $0.owners[document] { owner } else { nil } }
    }

    var activeOwners: [DocumentOwner] {
        state.withLock { state in
            state.owners.values.compactMap { if case .active(let owner) = $0 { owner } else { nil } }
        }
    }

    /// Answers a request for a stream to the owner of a document; becomes the owner when asked and entitled.
    func open(_ request: OpenRequest) async -> OpenDecision {
        let document = request.hello.document
        if let owner = owner(of: document) { return owner.open(request.hello) }
        guard request.mayActivate else { return .declined(.notOwner) }
        switch await activate(document, .opened(request.suspicion)) {
        case .success(let owner): return owner.open(request.hello)
        case .failure(let declined): return .declined(declined.refusal)
        }
    }

    /// Becomes the owner, unless this node is already, or is becoming it.
    func activate(_ document: DocumentID, _ reason: Activator.Reason) async -> Result<DocumentOwner, Activator.Declined>
    {
        enum Next {
            case ready(DocumentOwner)
            case wait(Task<Result<DocumentOwner, Activator.Declined>, Never>)
            case declined
        }
        let next = state.withLock { state -> Next in
            switch state.owners[document] {
            case .active(let owner): return .ready(owner)
            case .activating(let task): return .wait(task)
            case nil:
                guard !state.isDraining, !state.isClosed else { return .declined }
                // Unstructured: several callers wait for one activation, and it outlives each of them.
                let task = Task { await self.performActivation(of: document, reason) }
                state.owners[document] = .activating(task)
                return .wait(task)
            }
        }
        switch next {
        case .ready(let owner): return .success(owner)
        case .wait(let task): return await task.value
        case .declined: return .failure(Activator.Declined(.draining))
        }
    }

    private func performActivation(
        of document: DocumentID, _ reason: Activator.Reason
    ) async -> Result<DocumentOwner, Activator.Declined> {
        let started = services.clock.monotonicMicroseconds()
        let replica = state.withLock { $0.replicas[document] }
        let result = await activator.activate(document, reason) { await replica?.warmState() }
        switch result {
        case .failure(let declined):
            state.withLock { $0.owners[document] = nil }
            return .failure(declined)
        case .success(let activation):
            let elapsed = services.clock.monotonicMicroseconds() - started
            services.metrics.activation(microseconds: elapsed)
            services.changes.note(
                OwnershipChange(
                    document: document, epoch: activation.epoch, version: activation.document.version, reason,
                    to: services.membership.identity.node,
                    atMilliseconds: services.clock.wallMicroseconds() / 1_000, takeoverMicroseconds: elapsed))
            switch reason {
            case .opened(.refused(let identity, _)?), .opened(.unreachable(let identity, _)?):
                avoid(identity, for: document)
            case .opened(.expired), .opened(nil), .handedOver: break
            }
            let owner = DocumentOwner(activation, document: document, services: services)
            let count = state.withLock { state -> Int in
                state.owners[document] = .active(owner)
                return state.owners.count
            }
            services.metrics.ownedDocuments(count)
            services.logger.info(
                "owns a document",
                metadata: [
                    "event": "document_activated", "document_id": "\(document)", "epoch": "\(activation.epoch)",
                    "document_version": "\(activation.document.version)",
                ])
            notifyPredecessor(of: document, reason, activation.epoch)
            supervisor.start { await self.serve(owner) }
            return .success(owner)
        }
    }

    /// Runs an owner to its end and puts away what it leaves.
    private func serve(_ owner: DocumentOwner) async {
        let ending = await owner.run()
        let count = state.withLock { state -> Int in
            if case .active(let current)? = state.owners[owner.document], current === owner {
                state.owners[owner.document] = nil
            }
            return state.owners.count
        }
        services.metrics.ownedDocuments(count)
        services.metrics.documentReleased(owner.document)
        services.logger.info(
            "no longer owns a document",
            metadata: [
                "event": "document_released", "document_id": "\(owner.document)", "epoch": "\(owner.epoch)",
                "cause": "\(ending.cause.name)",
            ])
        switch ending.cause {
        case .steppedDown(.idle), .reload, .cancelled:
            if let lease = owner.lease { try? await services.leases.release(owner.document, lease) }
        case .steppedDown(.handOffUnconfirmed(let node)):
            // The lease stays: it is by this node that the document is claimed anew, at once.
            avoid(node.identity, for: owner.document)
        case .steppedDown(.fenced), .steppedDown(.handedOff): break
        }
    }

    /// Somebody who has to do with the document did not reach the node.
    private func avoid(_ node: NodeIdentity, for document: DocumentID) {
        let now = services.clock.monotonicMicroseconds()
        state.withLock { $0.avoided.avoid(node, for: document, now: now) }
    }

    /// The node that the document is not to be given to now.
    func avoided(for document: DocumentID) -> NodeIdentity? {
        let now = services.clock.monotonicMicroseconds()
        return state.withLock { $0.avoided.node(for: document, now: now) }
    }

    /// Tells an owner that was succeeded while it may still be running, until it has heard it, ends or we do: its lease
    /// lives, so it has no reason to look at the log, and who only reads there would be told nothing any more.
    private func notifyPredecessor(of document: DocumentID, _ reason: Activator.Reason, _ epoch: Epoch) {
        guard case .opened(.some(let suspicion)) = reason else { return }
        let suspect: NodeIdentity
        switch suspicion {
        // A refusal can be mistaken too: whoever is in the view may be alive.
        case .refused(let identity, _), .expired(let identity, _), .unreachable(let identity, _): suspect = identity
        }
        supervisor.start { [services] in
            var backoff = Backoff(from: .milliseconds(200), to: .seconds(5))
            while !Task.isCancelled, self.owner(of: document)?.epoch == epoch,
                let record = services.membership.view.member(suspect.node), record.identity == suspect
            {
                if case .noted? = try? await services.transport.request(
                    .superseded(document, epoch), to: record.peerAddress, timeout: .seconds(2))
                {
                    return
                }
                guard (try? await services.clock.sleep(for: backoff.next())) != nil else { return }
            }
        }
    }

    // MARK: Replicas

    var replicas: [DocumentReplica] { state.withLock { Array($0.replicas.values) } }

    /// Attaches a session to the document's replica on this node, which is made when there is none.
    func attach(_ request: SessionRequest, to document: DocumentID, outbox: any SessionOutbox) -> any SessionInbox {
        while true {
            let (replica, token, isNew) = state.withLock { state -> (DocumentReplica?, SessionToken, Bool) in
                state.nextSession += 1
                let token = SessionToken(state.nextSession)
                guard !state.isClosed else { return (nil, token, false) }
                if let replica = state.replicas[document] { return (replica, token, false) }
                let replica = DocumentReplica(document: document, services: services) { [weak self] request, handler in
                    await self?.openHere(request, handler) ?? .declined(.draining)
                }
                state.replicas[document] = replica
                return (replica, token, true)
            }
            guard let replica else {
                outbox.close(.nodeLeaving, "the node is leaving")
                return ReplicaInbox(replica: nil, token: token)
            }
            if isNew { supervisor.start { await self.serve(replica) } }
            if replica.post(.attach(token, request, outbox)) { return ReplicaInbox(replica: replica, token: token) }
            // It ended between the look and the post.
            remove(replica)
        }
    }

    private func serve(_ replica: DocumentReplica) async {
        services.metrics.openReplicas(state.withLock { $0.replicas.count })
        await replica.run()
        remove(replica)
        services.metrics.openReplicas(state.withLock { $0.replicas.count })
    }

    private func remove(_ replica: DocumentReplica) {
        state.withLock { state in
            if state.replicas[replica.document] === replica { state.replicas[replica.document] = nil }
        }
    }

    private func openHere(_ request: OpenRequest, _ handler: @escaping OwnerSeeker.Handler) async -> OpenResult {
        switch await open(request) {
        case .accepted(let attach): .opened(LoopbackStream.connect(attach: attach, replica: handler))
        case .declined(let refusal): .declined(refusal)
        }
    }

    /// Closes every session and refuses new ones.
    func close() {
        let replicas = state.withLock { state -> [DocumentReplica] in
            state.isClosed = true
            return Array(state.replicas.values)
        }
        for replica in replicas { replica.closeAll(.nodeLeaving, "the node is leaving") }
    }
}

/// One session's way to its replica.
private struct ReplicaInbox: SessionInbox {
    let replica: DocumentReplica?
    let token: SessionToken

    func submit(_ id: OperationID, base: Version, _ delta: Delta, _ presence: Presence?, trace: TraceContext?) {
        replica?.post(.input(.submit(token, id, base: base, delta, presence, trace)))
    }
    func presence(_ version: Version, _ presence: Presence) {
        replica?.post(.input(.presence(token, version, presence)))
    }
    func requestResync() { replica?.post(.input(.resync(token))) }
    func outboxFull() { replica?.post(.input(.outboxFull(token))) }
    func outboxDrained() { replica?.post(.input(.outboxDrained(token))) }
    func detach() { replica?.post(.detach(token)) }
}
