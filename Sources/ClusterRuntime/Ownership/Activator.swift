import ClusterCore
import CollabModel
import DocumentCore
import Logging
import PeerProtocol
import RuntimePorts

/// A document that this node has become the owner of.
struct Activation: Sendable {
    var epoch: Epoch
    var document: LoadedDocument
    /// The claimed lease; `nil` when the lease store could not be reached.
    var lease: DocumentLease?
}

/// Makes this node a document's owner: claims the lease, raises the epoch, loads the document
/// (architecture.md, "Who owns a document").
struct Activator: Sendable {
    let membership: Membership
    let leases: any LeaseStore
    let log: any OperationLog
    let loader: DocumentLoader
    let transport: any PeerTransport
    let logger: Logger
    let recentLimit: Int

    /// Why a node becomes the owner.
    enum Reason: Sendable {
        /// A replica asked for it, perhaps because it lost the owner.
        case opened(OwnerSuspicion?)
        /// The owner of this epoch, on that node, hands the document over.
        case handedOver(Epoch, by: NodeID)
    }

    /// Either the document, or why this node does not serve it. `warm` is asked once the epoch is ours.
    func activate(
        _ document: DocumentID, _ reason: Reason, warm: @Sendable () async -> LoadedDocument?
    ) async -> Result<Activation, Declined> {
        var suspicion: OwnerSuspicion?
        if case .opened(let given) = reason { suspicion = given }
        do {
            for _ in 0..<Self.maximumRounds {
                let lease = try? await leases.lease(of: document)
                let step = try await decide(document, reason, lease: lease, suspicion: suspicion)
                switch step {
                case .declined(let refusal): return .failure(Declined(refusal))
                case .believe(let identity, let epoch): suspicion = .refused(identity, epoch)
                case .claim(let believed):
                    switch try await claim(document, replacing: lease, believed: believed) {
                    case .declined(let refusal): return .failure(Declined(refusal))
                    case .again: continue
                    case .taken(let epoch, let head, let claimed):
                        return await load(
                            document, epoch: epoch, head: head, lease: claimed, predecessor: suspicion, warm: warm)
                    }
                }
            }
            return .failure(Declined(.unavailable("ownership of the document is contested")))
        } catch {
            return .failure(Declined(.unavailable("\(error)")))
        }
    }

    /// A refusal as an error, so that `Result` can carry it.
    struct Declined: Error {
        var refusal: OpenRefusal
        init(_ refusal: OpenRefusal) { self.refusal = refusal }
    }

    private enum Decision {
        case claim(believed: Epoch)
        case declined(OpenRefusal)
        /// That owner was asked and does not serve the document.
        case believe(NodeIdentity, Epoch)
    }

    private static let maximumRounds = 4
    private static let askTimeout = Duration.milliseconds(500)

    private func decide(
        _ document: DocumentID, _ reason: Reason, lease: DocumentLease?, suspicion: OwnerSuspicion?
    ) async throws -> Decision {
        if case .handedOver(let epoch, _) = reason { return .claim(believed: epoch) }
        var ownership: Ownership?
        if lease == nil {
            guard let row = try await log.ownership(of: document) else { return .declined(.noSuchDocument) }
            ownership = row
        }
        let logged = ownership.flatMap { row in row.owner.map { (owner: $0, epoch: row.epoch) } }
        let decision = ActivationDecision.decide(
            .init(
                me: membership.identity, lease: lease.map { ($0.owner, $0.epoch) }, logged: logged,
                view: membership.view, trustsAbsence: membership.trustsAbsence, suspicion: suspicion))
        switch decision {
        case .claim(let believed):
            if let believed { return .claim(believed: believed) }
            return .claim(believed: ownership?.epoch ?? .none)
        case .decline(let identity, let epoch):
            guard let record = membership.view.member(identity.node) else { return .declined(.notOwner) }
            return .declined(.ownedBy(record, epoch))
        case .wait: return .declined(.unavailable("the lease store was emptied; waiting for its nodes"))
        case .ask(let identity):
            guard let record = membership.view.member(identity.node) else { return .declined(.notOwner) }
            return await ask(record, about: document, logged: logged?.epoch ?? .none)
        }
    }

    /// Asks the node that the log names whether it still serves the document.
    private func ask(_ record: NodeRecord, about document: DocumentID, logged: Epoch) async -> Decision {
        do {
            let response = try await transport.request(
                .locate(document), to: record.peerAddress, timeout: Self.askTimeout)
            if case .located(let epoch, _, _) = response { return .declined(.ownedBy(record, epoch)) }
            return .believe(record.identity, logged)
        } catch {
            switch error {
            case .refused: return .believe(record.identity, logged)
            default: return .declined(.unavailable("\(record.id) does not answer"))
            }
        }
    }

    private enum ClaimResult {
        case taken(Epoch, head: Version, DocumentLease?)
        case again
        case declined(OpenRefusal)
    }

    private func claim(
        _ document: DocumentID, replacing lease: DocumentLease?, believed: Epoch
    ) async throws -> ClaimResult {
        let mine = DocumentLease(owner: membership.identity, epoch: believed.next)
        var claimed: DocumentLease?
        // Without a lease store the epoch alone decides.
        if let outcome = try? await leases.claim(document, replacing: lease, with: mine) {
            guard outcome == .claimed else { return .again }
            claimed = mine
        }
        let outcome: TakeoverOutcome
        do {
            outcome = try await log.takeOver(
                document, believed: believed, as: membership.identity, at: membership.record.peerAddress)
        } catch {
            await release(document, claimed)
            throw error
        }
        switch outcome {
        case .taken(let epoch, let head): return .taken(epoch, head: head, claimed)
        case .noSuchDocument:
            await release(document, claimed)
            return .declined(.noSuchDocument)
        case .superseded(let current):
            await repair(document, claimed, current)
            if let owner = current.owner, owner != membership.identity, membership.view.contains(owner),
                let record = membership.view.member(owner.node)
            {
                return .declined(.ownedBy(record, current.epoch))
            }
            return .again
        }
    }

    /// Puts right what a claim under a passed epoch left in the lease store.
    private func repair(_ document: DocumentID, _ claimed: DocumentLease?, _ current: Ownership) async {
        guard let claimed else { return }
        guard let owner = current.owner else { return await release(document, claimed) }
        let standing = DocumentLease(owner: owner, epoch: current.epoch)
        _ = try? await leases.claim(document, replacing: claimed, with: standing)
    }

    private func release(_ document: DocumentID, _ lease: DocumentLease?) async {
        guard let lease else { return }
        // Best effort: a lease whose epoch was not raised is recognised by whoever reads the ownership row.
        try? await leases.release(document, lease)
    }

    private func load(
        _ document: DocumentID, epoch: Epoch, head: Version, lease: DocumentLease?, predecessor: OwnerSuspicion?,
        warm: @Sendable () async -> LoadedDocument?
    ) async -> Result<Activation, Declined> {
        #if MUTANTS
            if Mutant.warmStateTrusted.isActive, let warm = await warm() {
                return .success(Activation(epoch: epoch, document: warm, lease: lease))
            }
        #endif
        do {
            let loaded = try await loader.load(document, through: head, warm: await warm(), recentLimit: recentLimit)
            return .success(Activation(epoch: epoch, document: loaded, lease: lease))
        } catch let damage as DamagedLog {
            logger.critical(
                "document cannot be loaded", error: damage,
                metadata: ["event": "document_damaged", "document_id": "\(document)"])
            await release(document, lease)
            return .failure(Declined(.damaged(damage.message)))
        } catch {
            await release(document, lease)
            return .failure(Declined(.unavailable("\(error)")))
        }
    }
}
