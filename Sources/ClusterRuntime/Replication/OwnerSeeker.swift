import ClusterCore
import CollabModel
import DocumentCore
import Logging
import PeerProtocol
import RuntimePorts

/// Performs an ``OwnerSearch`` until a stream to the owner is open or the document cannot be had.
struct OwnerSeeker: Sendable {
    let services: RuntimeServices
    /// Opens a stream to this node itself.
    let openHere: @Sendable (OpenRequest, @escaping Handler) async -> OpenResult

    typealias Handler = @Sendable (PeerStreamEvent<OwnerFrame>) -> Void

    enum Outcome: Sendable {
        /// `cause` when an owner was lost and another one found.
        case opened(ReplicaStream, NodeRecord, cause: FailoverCause?)
        case gaveUp(OpenRefusal)
        case cancelled
    }

    private static let dialTimeout = Duration.seconds(2)
    private static let probeTimeout = Duration.milliseconds(250)
    private static let pollInterval = Duration.milliseconds(100)

    /// Searches. `unavailable` is told while the document cannot be had for now.
    func seek(
        _ hello: StreamHello, lost: (owner: BelievedOwner, loss: OwnerSearch.Loss)?,
        handler: @escaping Handler, unavailable: @Sendable (String) -> Void
    ) async -> Outcome {
        var search = OwnerSearch(timing: services.membership.timing)
        var step = lost.map { search.begin(lost: $0.owner, $0.loss) } ?? search.begin()
        while !Task.isCancelled {
            switch step {
            case .resolve:
                let owner = await resolve(hello.document)
                step = search.resolved(owner, isAlive: owner.map(isAlive) ?? false)
            case .dial(let target, let suspicion):
                let node = node(for: target, document: hello.document)
                search.dialling(node)
                let request = OpenRequest(hello: hello, mayActivate: true, suspicion: suspicion)
                do {
                    switch try await dial(request, node, handler) {
                    case .opened(let stream):
                        return .opened(stream, node, cause: suspicion.map(Self.cause))
                    case .declined(let refusal): step = search.declined(refusal)
                    }
                } catch {
                    services.logger.debug(
                        "could not open a stream",
                        metadata: ["document_id": "\(hello.document)", "node": "\(node.id)", "reason": "\(error)"])
                    step = search.failed(Self.kind(error))
                }
            case .awaitExpiry(let owner, let milliseconds):
                step = await watch(owner, for: milliseconds, &search)
            case .askAround(let owner):
                step = search.askedAround(reachableBy: await askAround(owner))
            case .pause(let milliseconds, let message):
                if let message { unavailable(message) }
                guard (try? await services.clock.sleep(for: .milliseconds(milliseconds))) != nil else {
                    return .cancelled
                }
                step = .resolve
            case .giveUp(let refusal): return .gaveUp(refusal)
            }
        }
        return .cancelled
    }

    /// Who holds the document: by the lease, or by the log when the lease store cannot say.
    private func resolve(_ document: DocumentID) async -> BelievedOwner? {
        do {
            guard let lease = try await services.leases.lease(of: document) else { return nil }
            return believed(lease.owner, lease.epoch, address: nil)
        } catch {
            guard let ownership = try? await services.log.ownership(of: document), let owner = ownership.owner
            else { return nil }
            return believed(owner, ownership.epoch, address: ownership.address)
        }
    }

    private func believed(_ owner: NodeIdentity, _ epoch: Epoch, address: PeerAddress?) -> BelievedOwner? {
        if let record = services.membership.view.member(owner.node), record.incarnation == owner.incarnation {
            return BelievedOwner(record: record, epoch: epoch)
        }
        let known = services.membership.view.member(owner.node)?.peerAddress
        guard let address = address ?? known else {
            // Unknown to the view: nobody can be dialled, but who it was entitles the successor.
            return BelievedOwner(
                record: NodeRecord(
                    id: owner.node, incarnation: owner.incarnation, peerAddress: PeerAddress(host: "", port: 0),
                    publicURL: ""), epoch: epoch)
        }
        return BelievedOwner(
            record: NodeRecord(id: owner.node, incarnation: owner.incarnation, peerAddress: address, publicURL: ""),
            epoch: epoch)
    }

    /// Whether to dial the owner rather than to call it dead: its life is in the view, or the view cannot be trusted
    /// and there is an address to try.
    private func isAlive(_ owner: BelievedOwner) -> Bool {
        if services.membership.view.contains(owner.record.identity) { return true }
        return !services.membership.trustsAbsence && !owner.record.peerAddress.host.isEmpty
    }

    private func node(for target: OwnerSearch.PeerTarget, document: DocumentID) -> NodeRecord {
        switch target {
        case .known(let record): record
        case .placement(let excluded):
            services.membership.view.placement(of: document, excluding: excluded) ?? services.membership.record
        }
    }

    private func dial(
        _ request: OpenRequest, _ node: NodeRecord, _ handler: @escaping Handler
    ) async throws(PeerFailure) -> OpenResult {
        if node.id == services.membership.identity.node { return await openHere(request, handler) }
        return try await services.transport.open(
            request, to: node.peerAddress, timeout: Self.dialTimeout, handler: handler)
    }

    /// Watches the lease of an owner that does not answer.
    private func watch(
        _ owner: BelievedOwner, for milliseconds: Int, _ search: inout OwnerSearch
    ) async -> OwnerSearch.Step {
        let until = services.clock.monotonicMicroseconds() + Int64(milliseconds) * 1_000
        while services.clock.monotonicMicroseconds() < until {
            await services.membership.refresh()
            if services.membership.trustsAbsence, !services.membership.view.contains(owner.record.identity) {
                return search.expired()
            }
            if (try? await services.transport.probe(owner.record.peerAddress, timeout: Self.probeTimeout)) != nil {
                return search.answersAgain()
            }
            guard (try? await services.clock.sleep(for: Self.pollInterval)) != nil else { break }
        }
        return search.stillAlive()
    }

    /// A member that reaches the node that this one does not reach.
    private func askAround(_ owner: BelievedOwner) async -> NodeRecord? {
        let others = services.membership.view.members.filter {
            $0.id != owner.record.id && $0.id != services.membership.identity.node && !$0.isDraining
        }
        let request = PeerRequest.canYouReach(owner.record.peerAddress, milliseconds: 250)
        return await withTaskGroup(of: NodeRecord?.self) { group in
            for member in others {
                group.addTask { [services] in
                    let answer = try? await services.transport.request(
                        request, to: member.peerAddress, timeout: .milliseconds(600))
                    return answer == .reachable(true) ? member : nil
                }
            }
            for await member in group { if let member { return member } }
            return nil
        }
    }

    private static func kind(_ failure: PeerFailure) -> OwnerSearch.PeerFailureKind {
        switch failure {
        case .refused: .refused
        case .closed: .closed
        case .silent: .silent
        case .overflow, .version, .protocolError: .other
        }
    }

    private static func cause(_ suspicion: OwnerSuspicion) -> FailoverCause {
        switch suspicion {
        case .refused: .refused
        case .expired: .expired
        case .unreachable: .unreachable
        }
    }
}
