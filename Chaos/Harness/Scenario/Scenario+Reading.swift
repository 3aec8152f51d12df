internal import Foundation
internal import LoadGenerator
internal import Nemeses
internal import Yams

extension Scenario {
    /// Reads a scenario's file.
    package init(contentsOfFile path: String) throws(ScenarioError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else { throw ScenarioError("\(path) cannot be read") }
        try self.init(yaml: text, file: name)
    }

    /// Reads the text of a scenario. What it does not know is an error that names the line.
    ///
    /// - Parameter file: the file's name, for errors; without its extension it is the scenario's name.
    package init(yaml text: String, file: String) throws(ScenarioError) {
        self.init()
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch { throw ScenarioError("\(file): \(error)") }
        guard let root else { throw ScenarioError("\(file): the file is empty") }
        var fields = try YAMLFields(root, "a scenario", in: file)
        name = file.split(separator: ".").first.map(String.init) ?? file
        summary = try fields.required("summary")
        event = try fields.text("event")
        nodes = try fields.integer("nodes", in: 1...ProxiedCluster.mostNodes) ?? nodes
        if let text = try fields.text("duration") {
            if text == "unlimited" {
                duration = nil
            } else if let time = Duration(scenario: text), time > .zero {
                duration = time
            } else {
                throw fields.error("must be a time such as 20s, or unlimited", at: "duration")
            }
        }
        settle = try fields.duration("settle") ?? settle
        if let workload = try fields.fields("workload", "the workload") { try read(workload: workload) }
        for node in try fields.list("faults") ?? [] { faults.append(try FaultEntry(node, in: file)) }
        if let random = try fields.fields("random", "the random faults") {
            self.random = try RandomFaults(random, in: file)
        }
        if let expectations = try fields.fields("expect", "the expectations") {
            try read(expectations: expectations, in: file)
        }
        try fields.finish()
    }

    /// Reads a time such as `20s`.
    package static func duration(_ text: String) throws(ScenarioError) -> Duration {
        guard let time = Duration(scenario: text), time > .zero else {
            throw ScenarioError("a duration is a time such as 20s, 5m or 1h, not `\(text)`")
        }
        return time
    }

    private mutating func read(workload given: YAMLFields) throws(ScenarioError) {
        var fields = given
        workload.documents = try fields.integer("documents", in: 1...100) ?? workload.documents
        workload.editors = try fields.integer("editors", in: 1...ProxiedCluster.mostClients) ?? workload.editors
        workload.rate = try fields.number("rate", in: 0.01...500) ?? workload.rate
        workload.warmUp = try fields.duration("warm-up") ?? workload.warmUp
        workload.characters = try fields.integer("characters", in: 0...1_000_000) ?? workload.characters
        workload.runs = try fields.integer("runs", in: 1...100_000) ?? workload.runs
        workload.reconnecting = try fields.integer("reconnecting", in: 0...workload.editors) ?? 0
        workload.reconnectEvery = try fields.duration("reconnect-every") ?? workload.reconnectEvery
        workload.presence = try fields.flag("presence") ?? workload.presence
        if var mix = try fields.fields("mix", "the mix of edits") {
            let parts: [(String, WritableKeyPath<TypingMix, Int>)] = [
                ("jumps", \.jumps), ("corrections", \.corrections), ("deletions", \.deletions), ("formats", \.formats),
                ("lines", \.lines),
            ]
            for (name, part) in parts {
                workload.mix[keyPath: part] =
                    try mix.integer(name, in: 0...1_000) ?? workload.mix[keyPath: part]
            }
            try mix.finish()
            guard workload.mix.sum <= 1_000 else {
                throw mix.error("the mix of edits has more than 1000 of a thousand")
            }
        }
        try fields.finish()
        guard workload.documents <= workload.editors else {
            throw fields.error("every document needs an editor")
        }
    }

    private mutating func read(expectations given: YAMLFields, in file: String) throws(ScenarioError) {
        var fields = given
        if let list = try fields.list("guarantees") {
            expectations.guarantees = try list.map { node throws(ScenarioError) in
                guard let name = node.scalar?.string, name.hasPrefix("G"), let number = Int(name.dropFirst()),
                    (1...10).contains(number)
                else { throw YAMLFields.error("a guarantee is one of G1 to G10", at: node, in: file) }
                return name
            }
        }
        expectations.operations = try fields.integer("operations", in: 0...1_000_000_000) ?? expectations.operations
        expectations.faults =
            try fields.integer("faults", in: 0...1_000_000) ?? (faults.isEmpty && random == nil ? 0 : 1)
        expectations.presenceGone = try fields.duration("presence-gone")
        if let gaps = try fields.fields("gaps", "the bounds of gaps") {
            for (name, node) in gaps.entries {
                guard let kind = FaultKind(rawValue: name) else {
                    throw YAMLFields.error("`\(name)` is no kind of fault", at: node, in: file)
                }
                var bound = try YAMLFields(node, "the bound of a gap", in: file)
                expectations.gaps[kind] = GapBound(
                    p50: try bound.duration("p50"), p99: try bound.duration("p99"), maximum: try bound.duration("max"))
                try bound.finish()
            }
        }
        try fields.finish()
    }
}

extension FaultEntry {
    fileprivate init(_ node: Node, in file: String) throws(ScenarioError) {
        var fields = try YAMLFields(node, "a fault", in: file)
        let specification = try FaultSpecification(&fields)
        let at = try fields.duration("at")
        let every = try fields.duration("every")
        switch (at, every) {
        case (.some(let time), nil): occasion = .once(time)
        case (nil, .some(let interval)):
            guard interval >= .milliseconds(10) else { throw fields.error("must be 10ms at least", at: "every") }
            occasion = .every(
                interval, from: try fields.duration("from") ?? interval, until: try fields.duration("until"))
        default: throw fields.error("a fault needs either `at` or `every`")
        }
        lasting = .zero
        if let time = try fields.duration("for") {
            guard !specification.kind.isInstant else {
                throw fields.error("is not for \(specification.kind.rawValue), which is over at once", at: "for")
            }
            lasting = time
        } else if !specification.kind.isInstant, specification.kind != .nodeRestart {
            throw fields.error("\(specification.kind.rawValue) needs `for`")
        }
        self.specification = specification
        try fields.finish()
    }
}

extension RandomFaults {
    fileprivate init(_ given: YAMLFields, in file: String) throws(ScenarioError) {
        var fields = given
        every = try fields.durations("every") ?? every
        guard every.lowerBound >= .milliseconds(10) else { throw fields.error("must be 10ms at least", at: "every") }
        lasting = try fields.durations("for") ?? lasting
        from = try fields.duration("from") ?? from
        for node in try fields.list("faults") ?? [] {
            var choice = try YAMLFields(node, "a random fault", in: file)
            let specification = try FaultSpecification(&choice)
            let weight = try choice.integer("weight", in: 1...1_000) ?? 1
            try choice.finish()
            faults.append(Choice(weight: weight, specification: specification))
        }
        guard !faults.isEmpty else { throw fields.error("the random faults need `faults` to draw from") }
        try fields.finish()
    }
}
