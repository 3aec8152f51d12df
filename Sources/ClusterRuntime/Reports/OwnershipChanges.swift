import CollabModel
import DequeModule
import PeerProtocol
import Synchronization

/// The latest changes of owners that this node has seen: a bounded memory for operators, lost with the process.
final class OwnershipChanges: Sendable {
    private struct State {
        /// Handoffs and failovers.
        var moves: Deque<OwnershipChange> = []
        /// Openings of documents that nobody owned, apart, since a burst of them must not push the others out.
        var openings: Deque<OwnershipChange> = []
        var gaps: Deque<OwnerlessGap> = []
    }

    private let state = Mutex(State())

    /// Notes that this node became an owner.
    func note(_ change: OwnershipChange) {
        state.withLock { state in
            if change.cause == .opened {
                Self.append(change, to: &state.openings)
            } else {
                Self.append(change, to: &state.moves)
            }
        }
    }

    /// Notes how long this node's sessions of a document were without an owner.
    func note(_ gap: OwnerlessGap) { state.withLock { Self.append(gap, to: &$0.gaps) } }

    /// Handoffs and failovers of all documents, or everything about one; the oldest first.
    func recall(_ document: DocumentID?) -> (changes: [OwnershipChange], gaps: [OwnerlessGap]) {
        state.withLock { state in
            guard let document else { return (Array(state.moves), Array(state.gaps)) }
            let changes = (state.openings + state.moves).filter { $0.document == document }
            return (
                changes.sorted { $0.epoch < $1.epoch }.suffix(NodeReport.changesAtMost),
                state.gaps.filter { $0.document == document }
            )
        }
    }

    private static func append<Item>(_ item: Item, to items: inout Deque<Item>) {
        if items.count == NodeReport.changesAtMost { items.removeFirst() }
        items.append(item)
    }
}

extension OwnershipChange {
    init(
        document: DocumentID, epoch: Epoch, version: Version, _ reason: Activator.Reason, to node: NodeID,
        atMilliseconds: Int64, takeoverMicroseconds: Int64
    ) {
        let (cause, from): (Cause, NodeID?) =
            switch reason {
            case .opened(nil): (.opened, nil)
            case .opened(.refused(let owner, _)?): (.refused, owner.node)
            case .opened(.expired(let owner, _)?): (.expired, owner.node)
            case .opened(.unreachable(let owner, _)?): (.unreachable, owner.node)
            case .handedOver(_, let owner): (.handOff, owner)
            }
        self.init(
            document: document, epoch: epoch, version: version, cause: cause, from: from, to: node,
            atMilliseconds: atMilliseconds, takeoverMicroseconds: takeoverMicroseconds)
    }
}
