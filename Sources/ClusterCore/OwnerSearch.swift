package import CollabModel
package import PeerProtocol

/// A node that a replica believes to own its document.
package struct BelievedOwner: Sendable, Hashable {
    package var record: NodeRecord
    package var epoch: Epoch
    package init(record: NodeRecord, epoch: Epoch) {
        self.record = record
        self.epoch = epoch
    }
}

/// How a replica finds the owner of its document, and what it does when the owner is lost (architecture.md,
/// "Failover"): the three paths refused, silent and moved.
///
/// The search decides one step at a time; whoever performs the step reports what came of it.
package struct OwnerSearch: Sendable {
    package enum Step: Sendable, Hashable {
        /// Read the document's lease, or its ownership in the log, and the view; report ``resolved(_:isAlive:)``.
        case resolve
        /// Open a stream; report ``declined(_:)`` or ``failed(_:)``. The search is over when it opens.
        case dial(PeerTarget, suspicion: OwnerSuspicion?)
        /// Watch the node lease of the lost owner; report ``expired()`` or, after that long, ``stillAlive()``.
        case awaitExpiry(BelievedOwner, milliseconds: Int)
        /// Ask the other members whether they reach it; report ``askedAround(reachableBy:)``.
        case askAround(BelievedOwner)
        /// Wait, then resolve; the reason is for the sessions when there is one.
        case pause(milliseconds: Int, unavailable: String?)
        /// The document cannot be had.
        case giveUp(OpenRefusal)
    }

    /// Whom to dial.
    package enum PeerTarget: Sendable, Hashable {
        case known(NodeRecord)
        /// The best node by placement that is not excluded; this node when there is none.
        case placement(excluding: Set<NodeID>)
    }

    /// Why the last owner was lost.
    package enum Loss: Sendable, Hashable {
        case failure(PeerFailureKind)
        case moved(NodeRecord, Epoch)
        case steppedDown
    }

    /// What dialling or a stream failed with, as far as it matters here.
    package enum PeerFailureKind: Sendable, Hashable {
        case refused, closed, silent, other
    }

    private var believed: BelievedOwner?
    private var suspicion: OwnerSuspicion?
    private var excluded: Set<NodeID> = []
    /// Those of them that did not answer: they may be well.
    private var silent: Set<NodeID> = []
    private var dialled: PeerTarget?
    private var dialledNode: NodeRecord?
    private var redials = 0
    private var hops = 0
    private var pauses = 0
    private let timing: LeaseTiming

    /// Begins without any knowledge.
    package init(timing: LeaseTiming) { self.timing = timing }

    /// The first step of a search for a document whose owner is not known.
    package mutating func begin() -> Step { .resolve }

    /// The first step after the owner was lost.
    package mutating func begin(lost owner: BelievedOwner, _ loss: Loss) -> Step {
        believed = owner
        switch loss {
        case .moved(let node, let epoch):
            believed = BelievedOwner(record: node, epoch: epoch)
            return dial(.known(node))
        case .steppedDown: return .resolve
        case .failure(.silent):
            // The owner has been silent for a while already: so long its lease has not been renewed, if it is gone.
            return .awaitExpiry(owner, milliseconds: max(0, silenceMilliseconds - Self.noticedSilenceMilliseconds))
        case .failure: return dial(.known(owner.record))
        }
    }

    /// The node that the last `dial` step meant, once placement has been looked up.
    package mutating func dialling(_ node: NodeRecord) { dialledNode = node }

    /// The store's or the log's answer: who holds the document and whether that life of the node is alive.
    package mutating func resolved(_ owner: BelievedOwner?, isAlive: Bool) -> Step {
        guard let owner else { return dial(.placement(excluding: excluded)) }
        believed = owner
        if !isAlive {
            suspicion = .expired(owner.record.identity, owner.epoch)
            return dial(.placement(excluding: excluded.union([owner.record.id])))
        }
        guard excluded.contains(owner.record.id) else { return dial(.known(owner.record)) }
        return replace(owner)
    }

    /// Goes past an owner that another node, the store or the log believes in and that this search has tried in vain: one
    /// that refused connections is gone; one that only did not answer may be well, and is waited for.
    private mutating func replace(_ owner: BelievedOwner) -> Step {
        if silent.contains(owner.record.id) {
            return .awaitExpiry(owner, milliseconds: silenceMilliseconds)
        }
        suspicion = .refused(owner.record.identity, owner.epoch)
        return dial(.placement(excluding: excluded))
    }

    package mutating func declined(_ refusal: OpenRefusal) -> Step {
        hops += 1
        switch refusal {
        case .noSuchDocument, .damaged: return .giveUp(refusal)
        case .unavailable(let message): return pause(unavailable: message)
        case .draining:
            if let dialledNode { excluded.insert(dialledNode.id) }
            return hops > Self.maximumHops ? pause(unavailable: nil) : .resolve
        case .notOwner: return pause(unavailable: nil)
        case .ownedBy(let record, let epoch):
            guard hops <= Self.maximumHops else { return pause(unavailable: nil) }
            let owner = BelievedOwner(record: record, epoch: epoch)
            believed = owner
            return excluded.contains(record.id) ? replace(owner) : dial(.known(record))
        }
    }

    package mutating func failed(_ failure: PeerFailureKind) -> Step {
        guard let node = dialledNode else { return pause(unavailable: nil) }
        let isBelievedOwner = believed?.record.identity == node.identity
        switch failure {
        case .closed where redials < Self.maximumRedials:
            // A process that ends closes its connections first; dialling again tells whether it is gone.
            redials += 1
            return dial(dialled ?? .known(node))
        case .refused, .closed:
            if let believed, isBelievedOwner { suspicion = .refused(node.identity, believed.epoch) }
            excluded.insert(node.id)
            return next()
        case .silent:
            if let believed, isBelievedOwner { return .awaitExpiry(believed, milliseconds: silenceMilliseconds) }
            excluded.insert(node.id)
            silent.insert(node.id)
            return next()
        case .other:
            excluded.insert(node.id)
            return pause(unavailable: nil)
        }
    }

    /// The awaited node lease is gone.
    package mutating func expired() -> Step {
        guard let believed else { return .resolve }
        suspicion = .expired(believed.record.identity, believed.epoch)
        excluded.insert(believed.record.id)
        return dial(.placement(excluding: excluded))
    }

    /// The awaited node answers again.
    package mutating func answersAgain() -> Step {
        guard let believed else { return .resolve }
        return dial(.known(believed.record))
    }

    /// The awaited node lease outlived the wait.
    package mutating func stillAlive() -> Step {
        guard let believed else { return .resolve }
        return .askAround(believed)
    }

    /// The member, if any, that reaches the node that this one cannot reach.
    ///
    /// Such a member reaches both sides, so it becomes the owner: a relay through it would cost every edit a hop and
    /// would end with its link. The epoch makes the claim safe whatever the old owner still believes.
    package mutating func askedAround(reachableBy member: NodeRecord?) -> Step {
        guard let believed else { return .resolve }
        suspicion = .unreachable(believed.record.identity, believed.epoch)
        excluded.insert(believed.record.id)
        return dial(member.map { .known($0) } ?? .placement(excluding: excluded))
    }

    private static let maximumHops = 8
    private static let maximumRedials = 3
    private static let pauseMilliseconds = [10, 20, 50, 100, 200, 400]

    /// How long a stream's peer has been silent when the transport says so.
    private static let noticedSilenceMilliseconds = 1_000

    /// A little more than the lease can live after its last renewal.
    private var silenceMilliseconds: Int { timing.timeToLiveMilliseconds + timing.renewalMilliseconds }

    private mutating func next() -> Step {
        hops += 1
        return hops > Self.maximumHops ? pause(unavailable: nil) : dial(.placement(excluding: excluded))
    }

    private mutating func dial(_ target: PeerTarget) -> Step {
        dialled = target
        if case .known(let node) = target { dialledNode = node } else { dialledNode = nil }
        return .dial(target, suspicion: suspicion)
    }

    /// Forgets what this round learnt: the cluster may have changed while it waits.
    private mutating func pause(unavailable message: String?) -> Step {
        let milliseconds = Self.pauseMilliseconds[min(pauses, Self.pauseMilliseconds.count - 1)]
        pauses += 1
        hops = 0
        redials = 0
        excluded = []
        silent = []
        suspicion = nil
        return .pause(milliseconds: milliseconds, unavailable: message)
    }
}
