internal import Yams

/// A mapping of a scenario, read strictly: a key that nobody asked for is an error, and every error names its line.
struct YAMLFields {
    private let mapping: Node.Mapping
    private let file: String
    /// What the mapping describes, for people: `a fault`.
    private let what: String
    private let line: Int
    private var asked: [String] = []

    init(_ node: Node, _ what: String, in file: String) throws(ScenarioError) {
        guard let mapping = node.mapping else {
            throw Self.error("\(what) must be a mapping of keys to values", at: node, in: file)
        }
        for (key, _) in mapping where key.string == nil {
            throw Self.error("a key of \(what) must be text", at: key, in: file)
        }
        self.mapping = mapping
        self.what = what
        self.file = file
        line = node.mark?.line ?? 1
    }

    static func error(_ message: String, at node: Node?, in file: String) -> ScenarioError {
        ScenarioError("\(file):\(node?.mark?.line ?? 1): \(message)")
    }

    /// An error about the mapping as a whole.
    func error(_ message: String) -> ScenarioError { ScenarioError("\(file):\(line): \(message)") }

    /// An error about the value of a key.
    func error(_ message: String, at key: String) -> ScenarioError {
        Self.error("`\(key)` \(message)", at: mapping[key], in: file)
    }

    /// Checks that every key was asked for.
    func finish() throws(ScenarioError) {
        for (key, _) in mapping {
            guard let name = key.string, !asked.contains(name) else { continue }
            let known = asked.map { "`\($0)`" }.joined(separator: ", ")
            throw Self.error("unknown key `\(name)` of \(what); known are \(known)", at: key, in: file)
        }
    }

    func has(_ key: String) -> Bool { mapping[key] != nil }

    mutating func node(_ key: String) -> Node? {
        asked.append(key)
        return mapping[key]
    }

    mutating func text(_ key: String) throws(ScenarioError) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else { throw error("must be text", at: key) }
        return text
    }

    mutating func required(_ key: String) throws(ScenarioError) -> String {
        guard let text = try text(key) else { throw error("\(what) needs `\(key)`") }
        return text
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int? {
        guard let text = try text(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw error("must be a whole number from \(range.lowerBound) to \(range.upperBound)", at: key)
        }
        return number
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(ScenarioError) -> Double? {
        guard let text = try text(key) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw error("must be a number from \(range.lowerBound) to \(range.upperBound)", at: key)
        }
        return number
    }

    mutating func flag(_ key: String) throws(ScenarioError) -> Bool? {
        guard let text = try text(key) else { return nil }
        guard text == "true" || text == "false" else { throw error("must be true or false", at: key) }
        return text == "true"
    }

    mutating func duration(_ key: String) throws(ScenarioError) -> Duration? {
        guard let text = try text(key) else { return nil }
        guard let duration = Duration(scenario: text) else {
            throw error("must be a time such as 250ms, 3s, 2m or 1h", at: key)
        }
        return duration
    }

    mutating func durations(_ key: String) throws(ScenarioError) -> ClosedRange<Duration>? {
        guard let text = try text(key) else { return nil }
        let parts = text.split(separator: "..", omittingEmptySubsequences: false)
        let ends = parts.compactMap { Duration(scenario: $0) }
        guard ends.count == parts.count, let first = ends.first, ends.count <= 2, first <= ends[ends.count - 1] else {
            throw error("must be a time such as 3s, or two such as 500ms..4s", at: key)
        }
        return first...ends[ends.count - 1]
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Value.Type
    ) throws(ScenarioError) -> Value? where Value.RawValue == String {
        guard let text = try text(key) else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("is one of \(known); not `\(text)`", at: key)
        }
        return value
    }

    mutating func list(_ key: String) throws(ScenarioError) -> [Node]? {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence else { throw error("must be a list", at: key) }
        return Array(sequence)
    }

    mutating func fields(_ key: String, _ what: String) throws(ScenarioError) -> YAMLFields? {
        guard let node = node(key) else { return nil }
        return try YAMLFields(node, what, in: file)
    }

    /// Every key with its mapping or scalar, where the keys themselves are values.
    var entries: [(key: String, node: Node)] { mapping.compactMap { key, node in key.string.map { ($0, node) } } }
}

extension Duration {
    /// Reads `250ms`, `3s`, `2m`, `1h`, and `-3s`.
    init?(scenario text: some StringProtocol) {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative ? text.dropFirst() : text[...]
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600)]
        guard let (unit, seconds) = units.first(where: { digits.hasSuffix($0.0) }) else { return nil }
        let number = digits.dropLast(unit.count)
        guard let value = Double(number), value.isFinite, value >= 0, value < 1e6, number.last?.isNumber == true else {
            return nil
        }
        self = .milliseconds(Int64((isNegative ? -1 : 1) * value * seconds * 1_000))
    }

    /// In seconds.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// In microseconds, as a history tells times.
    var microseconds: Int64 { Int64(inSeconds * 1e6) }
}
