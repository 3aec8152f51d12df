internal import CollabModel
internal import LocalCluster
internal import Randomness

/// What happens to links.
struct LinkNemesis {
    /// Links that are met in the same way, by the way in which the target lies on them.
    struct Selection {
        /// Links that the target dials.
        var dialled: Set<Link> = []
        /// Links on which the target listens.
        var listened: Set<Link> = []
        var description = ""

        var all: Set<Link> { dialled.union(listened) }
    }

    private let fault: FaultSpecification

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: Stage, random: inout SplitMix64) async throws -> PreparedFault {
        let (targets, documents, selection) = try await select(on: stage, &random)
        let proxy = stage.proxy
        let description = "\(selection.description): \(effect)"
        let all = selection.all
        switch fault.kind {
        case .linkDrop:
            return PreparedFault(targets, documents: documents, description) { await proxy.drop(all) }
        case .linkReset:
            return PreparedFault(targets, documents: documents, description) { await proxy.reset(all) }
        default: break
        }
        let (dialled, listened) = conditions
        let parts = [(dialled, selection.dialled), (listened, selection.listened)]
        let impositions = Impositions()
        return PreparedFault(targets, documents: documents, description) {
            for (condition, links) in parts where !links.isEmpty {
                impositions.add(try await proxy.impose(condition, on: links))
            }
        } end: {
            for imposition in impositions.all { try await proxy.lift(imposition) }
        }
    }

    /// What holds on links that the target dials, and on those where it listens: out of the target is forward on the
    /// first and backward on the others.
    private var conditions: (dialled: LinkCondition, listened: LinkCondition) {
        if fault.kind == .linkRefuse { return (.refusing, .refusing) }
        var lane = LaneCondition()
        switch fault.kind {
        case .linkCut: lane.isCut = true
        case .linkDelay:
            lane.delay = fault.delay
            lane.jitter = fault.jitter
        case .linkThrottle: lane.bytesPerSecond = fault.bytesPerSecond
        default: lane.bytesUntilReset = fault.bytes
        }
        let whole = LaneCondition()
        let out = fault.direction == .in ? whole : lane
        let into = fault.direction == .out ? whole : lane
        return (LinkCondition(forward: out, backward: into), LinkCondition(forward: into, backward: out))
    }

    private func select(
        on stage: Stage, _ random: inout SplitMix64
    ) async throws -> (targets: [String], documents: [String]?, Selection) {
        let links = fault.links ?? .peers
        let role = fault.target ?? .all
        var selection = Selection()
        var nodes = try await stage.runningNodes()
        var documents: [String]?
        var names = "all nodes"
        if role != .all {
            let node = try await stage.node(for: role, &random)
            documents = await stage.documents(ownedBy: node)
            nodes = [node]
            names = node.id.text
        }
        let all = await stage.proxy.links
        let met = role == .all ? [] : nodes.map(\.id.text)
        switch links {
        case .all:
            for node in nodes {
                selection.dialled.formUnion(all.filter { $0.from == node.id.text })
                selection.listened.formUnion(all.filter { $0.to == node.id.text && $0.from != node.id.text })
            }
            if role == .all { selection.listened = selection.listened.filter { !$0.from.hasPrefix("node-") } }
            selection.description = "\(names) and everybody"
            return (met.isEmpty ? ["links"] : met, documents, selection)
        case .postgres, .redis:
            selection.dialled = Set(nodes.map { Link(from: $0.id.text, to: links.rawValue) })
            selection.description = "\(names) and \(links.rawValue)"
            return (met + [links.rawValue], documents, selection)
        case .clients:
            for node in nodes {
                selection.listened.formUnion(all.filter { $0.to == node.id.text && $0.from.hasPrefix("client-") })
            }
            selection.description = "\(names) and its clients"
            return (met + [links.rawValue], [], selection)
        case .peers:
            var others = "its peers"
            var other: String?
            if let with = fault.with {
                var peer = try await stage.node(for: with, &random)
                var tries = 0
                while nodes.contains(peer), tries < 20 {
                    peer = try await stage.node(for: with, &random)
                    tries += 1
                }
                guard !nodes.contains(peer) else { throw NotNow("there is no other node for a link of \(names)") }
                other = peer.id.text
                others = peer.id.text
            }
            for node in nodes {
                let name = node.id.text
                selection.dialled.formUnion(
                    all.filter { $0.from == name && $0.to.hasPrefix("node-") && (other == nil || $0.to == other) })
                selection.listened.formUnion(
                    all.filter { $0.to == name && $0.from.hasPrefix("node-") && (other == nil || $0.from == other) })
            }
            // Between all nodes each link would be met twice.
            if role == .all { selection.listened = [] }
            selection.description = "\(names) and \(others)"
            return (met.isEmpty ? [links.rawValue] : met, documents, selection)
        }
    }

    private var effect: String {
        let way = fault.direction == .both ? "" : fault.direction == .out ? " on the way out" : " on the way in"
        return switch fault.kind {
        case .linkCut: "nothing passes\(way)"
        case .linkDelay: "\(fault.delay) later\(way)"
        case .linkThrottle: "\(fault.bytesPerSecond) bytes in a second\(way)"
        case .linkDrop: "connections are closed"
        case .linkReset: "connections are reset"
        case .linkTruncate: "reset after \(fault.bytes) bytes\(way)"
        default: "new connections are refused"
        }
    }
}
