package import CollabModel
package import PeerProtocol
package import RuntimePorts

/// The cluster at one moment, as a console shows it. Bounded in everything.
package struct ClusterPicture: Sendable, Hashable {
    /// Documents that are shown of the whole cluster, and changes of owners.
    package static let documentsAtMost = 200
    package static let movesAtMost = 200
    /// Nodes that are gone and still shown, and for how long.
    package static let goneNodesAtMost = 16
    package static let goneForMilliseconds: Int64 = 600_000

    package struct Node: Sendable, Hashable {
        package enum Condition: String, Sendable, Hashable {
            case active, draining
            /// Its node lease lives, and it does not answer.
            case silent
            /// Its node lease is gone.
            case gone
        }
        package var record: NodeRecord
        package var condition: Condition
        /// When it became silent or gone, as far as this was watched; milliseconds since 1970.
        package var sinceMilliseconds: Int64?
        /// Why it is called silent, for people.
        package var message: String?
        /// Whether it was leaving when it was last heard of.
        package var wasDraining: Bool
        /// `nil`: it has never answered this console.
        package var startedAtMilliseconds: Int64?
        /// Rates; `nil`: there is nothing yet to compare with, or no answer.
        package var editsPerSecond: Double?
        /// Processors in use: 1 is one whole core.
        package var processors: Double?
        package var residentBytes: Int64?
    }

    package struct Document: Sendable, Hashable {
        package var document: DocumentID
        package var title: String?
        package var owner: NodeID
        package var epoch: Epoch
        package var version: Version
        package var sessions: Int
        package var editsPerSecond: Double?
    }

    /// A handoff or a failover.
    package struct Move: Sendable, Hashable {
        package var change: OwnershipChange
        /// The longest that sessions of one node were without an owner; `nil`: no session was there, or nobody told.
        package var gapMicroseconds: Int64?
        package var title: String?
    }

    package var atMilliseconds: Int64
    package var nodes: [NodeID: Node] = [:]
    package var documents: [DocumentID: Document] = [:]
    /// The oldest first.
    package var moves: [Move] = []

    package init(atMilliseconds: Int64) { self.atMilliseconds = atMilliseconds }

    /// The picture that follows `before` when the members answer so. A move that a member has forgotten, or took with
    /// it, is remembered here.
    package init(_ reports: [MemberReport], after before: ClusterPicture?, atMilliseconds now: Int64) {
        atMilliseconds = now
        for report in reports { nodes[report.record.id] = Node(report, before?.nodes[report.record.id], now) }
        for node in before?.nodes.values ?? [:].values where nodes[node.record.id] == nil {
            let gone = node.gone(now)
            let age = now - (gone.sinceMilliseconds ?? now)
            if age < Self.goneForMilliseconds { nodes[node.record.id] = gone }
        }
        let gone = nodes.values.filter { $0.condition == .gone }
            .sorted { ($0.sinceMilliseconds ?? 0, $0.record.id) > ($1.sinceMilliseconds ?? 0, $1.record.id) }
        for node in gone.dropFirst(Self.goneNodesAtMost) { nodes[node.record.id] = nil }
        let answers = reports.compactMap { report -> NodeReport? in
            if case .report(let answer) = report.answer { answer } else { nil }
        }
        documents = Self.documents(answers)
        moves = Self.moves(answers, before: before?.moves ?? [])
        if let before { countMoved(since: before) }
    }

    /// Of a document that has changed its owner neither one counted the operations of the whole time; the versions do.
    private mutating func countMoved(since before: ClusterPicture) {
        let milliseconds = atMilliseconds - before.atMilliseconds
        guard milliseconds > 0 else { return }
        for (id, document) in documents {
            guard let known = before.documents[id], known.epoch != document.epoch else { continue }
            let operations = max(0, known.version.distance(to: document.version))
            let rate = Double(operations) * 1_000 / Double(milliseconds)
            let uncounted = rate - (document.editsPerSecond ?? 0)
            guard uncounted > 0 else { continue }
            documents[id]?.editsPerSecond = rate
            let counted = nodes[document.owner]?.editsPerSecond ?? 0
            nodes[document.owner]?.editsPerSecond = counted + uncounted
        }
    }

    private static func documents(_ reports: [NodeReport]) -> [DocumentID: Document] {
        var all: [DocumentID: Document] = [:]
        for report in reports {
            for each in report.documents {
                // Two say that they own it while it changes hands: the later epoch does.
                if let other = all[each.document], other.epoch >= each.epoch { continue }
                all[each.document] = Document(
                    document: each.document, title: nil, owner: report.record.id, epoch: each.epoch,
                    version: each.version, sessions: each.sessions,
                    editsPerSecond: report.perSecond(Double(each.operations)))
            }
        }
        guard all.count > documentsAtMost else { return all }
        let busiest = all.values.sorted {
            ($0.editsPerSecond ?? 0, $0.sessions, $1.document) > ($1.editsPerSecond ?? 0, $1.sessions, $0.document)
        }
        return Dictionary(uniqueKeysWithValues: busiest.prefix(documentsAtMost).map { ($0.document, $0) })
    }

    private struct MoveKey: Hashable {
        var document: DocumentID
        var epoch: Epoch
    }

    private static func moves(_ reports: [NodeReport], before: [Move]) -> [Move] {
        var moves: [MoveKey: Move] = [:]
        for move in before { moves[MoveKey(document: move.change.document, epoch: move.change.epoch)] = move }
        for report in reports {
            for change in report.changes where change.cause != .opened {
                let key = MoveKey(document: change.document, epoch: change.epoch)
                if moves[key] == nil { moves[key] = Move(change: change) }
            }
        }
        for report in reports {
            for gap in report.gaps {
                let key = MoveKey(document: gap.document, epoch: gap.lostEpoch.next)
                guard let move = moves[key], move.gapMicroseconds ?? 0 < gap.microseconds else { continue }
                moves[key]?.gapMicroseconds = gap.microseconds
            }
        }
        let ordered = moves.values.sorted {
            ($0.change.atMilliseconds, $0.change.document, $0.change.epoch)
                < ($1.change.atMilliseconds, $1.change.document, $1.change.epoch)
        }
        return Array(ordered.suffix(movesAtMost))
    }
}

extension ClusterPicture.Node {
    init(_ report: MemberReport, _ before: ClusterPicture.Node?, _ now: Int64) {
        let isSameLife = before?.record.identity == report.record.identity
        switch report.answer {
        case .report(let answer):
            self.init(
                record: answer.record, condition: answer.record.isDraining ? .draining : .active,
                wasDraining: answer.record.isDraining, startedAtMilliseconds: answer.startedAtMilliseconds,
                editsPerSecond: answer.perSecond(Double(answer.operations)),
                processors: answer.perSecond(Double(answer.processorMicroseconds) / 1_000_000),
                residentBytes: answer.residentBytes)
        case .silent(let message):
            let wasSilent = isSameLife && before?.condition == .silent
            self.init(
                record: report.record, condition: .silent,
                sinceMilliseconds: wasSilent ? before?.sinceMilliseconds : now, message: message,
                wasDraining: report.record.isDraining,
                startedAtMilliseconds: isSameLife ? before?.startedAtMilliseconds : nil)
        }
    }

    /// The node as one that is no member any more.
    fileprivate func gone(_ now: Int64) -> ClusterPicture.Node {
        guard condition != .gone else { return self }
        var node = self
        node.condition = .gone
        node.sinceMilliseconds = now
        node.message = nil
        (node.editsPerSecond, node.processors, node.residentBytes) = (nil, nil, nil)
        node.record.ownedDocuments = 0
        node.record.sessions = 0
        return node
    }
}

extension NodeReport {
    /// A count of the window as a rate; `nil`: the window is empty.
    fileprivate func perSecond(_ count: Double) -> Double? {
        windowMilliseconds > 0 ? count * 1_000 / Double(windowMilliseconds) : nil
    }
}
