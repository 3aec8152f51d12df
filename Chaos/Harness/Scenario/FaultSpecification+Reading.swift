internal import Nemeses

extension FaultSpecification {
    /// Reads what is to be done from the keys of a fault; which keys there may be depends on the kind.
    init(_ fields: inout YAMLFields) throws(ScenarioError) {
        guard fields.has("fault") else { throw fields.error("a fault needs `fault`, its kind") }
        guard let kind = try fields.choice("fault", FaultKind.self) else { throw fields.error("a fault needs a kind") }
        self.init(kind)
        for parameter in FaultParameter.allCases {
            let name = parameter.rawValue
            guard kind.parameters.contains(parameter) else {
                guard !fields.has(name) else {
                    throw fields.error("is not a key of \(kind.rawValue)", at: name)
                }
                continue
            }
            guard fields.has(name) || !kind.requiredParameters.contains(parameter) else {
                throw fields.error("\(kind.rawValue) needs `\(name)`")
            }
            try read(parameter, &fields)
        }
        guard with == nil || links == .peers else {
            throw fields.error("names the other node of links between peers", at: "with")
        }
        if kind != .clockShift, target == .redis || target == .postgres {
            throw fields.error("is a node; say `links: redis` or the fault of the server", at: "target")
        }
    }

    private mutating func read(_ parameter: FaultParameter, _ fields: inout YAMLFields) throws(ScenarioError) {
        let name = parameter.rawValue
        switch parameter {
        case .target: target = try Self.role(name, &fields)
        case .with: with = try Self.role(name, &fields)
        case .links: links = try fields.choice(name, Links.self)
        case .direction: direction = try fields.choice(name, Direction.self) ?? .both
        case .delay: delay = try fields.duration(name) ?? .zero
        case .jitter: jitter = try fields.duration(name) ?? .zero
        case .rate: bytesPerSecond = try fields.integer(name, in: 1...1_000_000_000) ?? 0
        case .bytes: bytes = try fields.integer(name, in: 1...1_000_000_000) ?? 0
        case .offset: offset = try fields.duration(name) ?? .zero
        case .count: count = try fields.integer(name, in: 1...1_000) ?? 1
        }
    }

    private static func role(_ name: String, _ fields: inout YAMLFields) throws(ScenarioError) -> TargetRole? {
        guard let text = try fields.text(name) else { return nil }
        guard let role = TargetRole(text) else {
            throw fields.error("is one of owner, gateway, any, all, node-1 …; not `\(text)`", at: name)
        }
        return role
    }
}
