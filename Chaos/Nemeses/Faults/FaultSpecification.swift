/// A fault as a scenario describes it: what, to whom, how much. Who plays a role is found out when it begins.
package struct FaultSpecification: Sendable, Hashable {
    /// Links of a node.
    package enum Links: String, Sendable, CaseIterable {
        case peers, postgres, redis, clients
        /// All of them: the node's host is cut off.
        case all
    }

    /// Which way, as the target sees it.
    package enum Direction: String, Sendable, CaseIterable {
        case both, out, `in`
    }

    package var kind: FaultKind
    /// By default any node for what is done to processes, all for what is done to links.
    package var target: TargetRole?
    package var links: Links?
    package var with: TargetRole?
    package var direction = Direction.both
    package var delay: Duration = .zero
    package var jitter: Duration = .zero
    package var bytesPerSecond = 0
    package var bytes = 0
    package var offset: Duration = .zero
    package var count = 1

    package init(_ kind: FaultKind) { self.kind = kind }
}

/// Whom a fault meets.
package enum TargetRole: Sendable, Hashable {
    /// The owner of one of the load's documents.
    case owner
    /// A node that does not own one of the load's documents.
    case gateway
    /// Any node.
    case any
    /// Every node.
    case all
    /// The node with a number, 1 for `node-1`.
    case node(Int)
    case redis, postgres

    /// Reads the form of a scenario: `owner`, `gateway`, `any`, `all`, `node-2`, `redis`, `postgres`.
    package init?(_ text: String) {
        switch text {
        case "owner": self = .owner
        case "gateway": self = .gateway
        case "any": self = .any
        case "all": self = .all
        case "redis": self = .redis
        case "postgres": self = .postgres
        default:
            guard text.hasPrefix("node-"), let number = Int(text.dropFirst(5)), (1...8).contains(number) else {
                return nil
            }
            self = .node(number)
        }
    }
}

extension FaultSpecification: CustomStringConvertible {
    /// What a scenario says of it, in one line.
    package var description: String {
        var words = [kind.rawValue]
        if let links { words.append("links \(links.rawValue)") }
        if let target { words.append("of \(target)") }
        if let with { words.append("with \(with)") }
        if direction != .both { words.append("way \(direction.rawValue)") }
        if kind == .linkDelay { words.append("delay \(delay)") }
        if jitter > .zero { words.append("jitter \(jitter)") }
        if bytesPerSecond > 0 { words.append("\(bytesPerSecond) bytes/s") }
        if bytes > 0 { words.append("after \(bytes) bytes") }
        if kind == .clockShift { words.append("by \(offset)") }
        if count > 1 { words.append("\(count) of them") }
        return words.joined(separator: " ")
    }
}

extension TargetRole: CustomStringConvertible {
    package var description: String {
        switch self {
        case .owner: "owner"
        case .gateway: "gateway"
        case .any: "any"
        case .all: "all"
        case .node(let number): "node-\(number)"
        case .redis: "redis"
        case .postgres: "postgres"
        }
    }
}
