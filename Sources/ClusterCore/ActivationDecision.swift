package import CollabModel
package import PeerProtocol

/// What a node that is asked to become a document's owner does, from what the lease store says.
///
/// Nothing here is needed for correctness: the epoch decides (guarantee G5). It keeps nodes from taking documents from
/// owners that are well.
package enum ActivationDecision: Sendable, Hashable {
    /// Claim the lease (replacing what was read) and raise the epoch.
    case claim(believed: Epoch?)
    /// Ask that node first whether it serves the document: the store may have been emptied.
    case ask(NodeIdentity)
    /// That node owns it.
    case decline(NodeIdentity, Epoch)
    /// The store was emptied less than one time to live ago: nobody may be called dead yet.
    case wait

    /// What is known when a node is asked to activate a document.
    package struct Situation: Sendable {
        package var me: NodeIdentity
        /// The lease in the store; `nil`: none, or the store cannot be reached.
        package var lease: (owner: NodeIdentity, epoch: Epoch)?
        /// Who raised the epoch last, by the log; `nil` when it was not read or nobody has.
        package var logged: (owner: NodeIdentity, epoch: Epoch)?
        package var view: MembershipView
        /// `false` while a missing node lease says nothing about its node.
        package var trustsAbsence: Bool
        package var suspicion: OwnerSuspicion?

        package init(
            me: NodeIdentity, lease: (owner: NodeIdentity, epoch: Epoch)?, logged: (owner: NodeIdentity, epoch: Epoch)?,
            view: MembershipView, trustsAbsence: Bool, suspicion: OwnerSuspicion?
        ) {
            self.me = me
            self.lease = lease
            self.logged = logged
            self.view = view
            self.trustsAbsence = trustsAbsence
            self.suspicion = suspicion
        }
    }

    package static func decide(_ situation: Situation) -> ActivationDecision {
        let newest = [situation.lease, situation.logged].compactMap { $0 }.max { $0.epoch < $1.epoch }
        guard let holder = newest else { return .claim(believed: nil) }
        // Our own id: this life asked for it before and did not finish, or an earlier life of ours had it.
        if holder.owner.node == situation.me.node { return .claim(believed: holder.epoch) }
        if situation.isEntitled(against: holder.owner, holder.epoch) { return .claim(believed: holder.epoch) }
        if situation.view.contains(holder.owner) {
            return situation.lease.map { $0.owner == holder.owner } ?? false
                ? .decline(holder.owner, holder.epoch) : .ask(holder.owner)
        }
        return situation.trustsAbsence ? .claim(believed: holder.epoch) : .wait
    }
}

extension ActivationDecision.Situation {
    /// Whether the suspicion is about this owner, or a later view of it.
    fileprivate func isEntitled(against owner: NodeIdentity, _ epoch: Epoch) -> Bool {
        switch suspicion {
        case .refused(let suspect, let known), .unreachable(let suspect, let known):
            suspect == owner && known >= epoch
        case .expired(let suspect, let known):
            suspect == owner && known >= epoch && !view.contains(owner)
        case nil: false
        }
    }
}
