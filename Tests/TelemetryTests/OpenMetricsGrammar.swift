import Foundation

/// What OpenMetrics 1.0.0 demands of an exposition as far as ours uses it ("Text format", ABNF and the rules beside).
enum OpenMetricsGrammar {
    struct Violation: Error, CustomStringConvertible {
        var description: String
    }

    private nonisolated(unsafe) static let sample =
        /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([^{}#]*)\})? ([^ ]+)( # \{([^{}]*)\} ([^ ]+)( [0-9]+\.[0-9]+)?)?/
    private nonisolated(unsafe) static let labels =
        /([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*")*)?/

    /// Checks the lines of an exposition, the empty one after the last newline included.
    static func check(_ lines: [String]) throws {
        guard lines.suffix(2) == ["# EOF", ""] else { throw Violation(description: "does not end with # EOF") }
        var types: [String: String] = [:]
        var current: String?
        for line in lines.dropLast(2) {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if words.first == "#" {
                guard words.count == 4, ["TYPE", "HELP"].contains(words[1]) else {
                    throw Violation(description: "not a description: \(line)")
                }
                guard words[1] == "TYPE" else { continue }
                guard types[words[2]] == nil else { throw Violation(description: "a family twice: \(line)") }
                guard words[3] != "counter" || !words[2].hasSuffix("_total") else {
                    throw Violation(description: "a counter's family has no _total: \(line)")
                }
                types[words[2]] = words[3]
                current = words[2]
                continue
            }
            try checkSample(line, current, types)
        }
    }

    private static func checkSample(_ line: String, _ family: String?, _ types: [String: String]) throws {
        guard let match = try sample.wholeMatch(in: line), let family, let type = types[family] else {
            throw Violation(description: "not a sample of a family: \(line)")
        }
        let name = String(match.output.1)
        let suffixes: [String]
        switch type {
        case "counter": suffixes = ["_total"]
        case "histogram": suffixes = ["_bucket", "_sum", "_count"]
        case "gauge", "unknown": suffixes = [""]
        default: throw Violation(description: "no such type: \(type)")
        }
        guard suffixes.contains(where: { name == family + $0 }) else {
            throw Violation(description: "not in family \(family): \(line)")
        }
        guard isNumber(match.output.4) else { throw Violation(description: "not a number: \(line)") }
        for set in [match.output.3, match.output.6] {
            guard try labels.wholeMatch(in: String(set ?? "")) != nil else {
                throw Violation(description: "not labels: \(line)")
            }
        }
        guard match.output.5 != nil else { return }
        guard name.hasSuffix("_bucket") || name.hasSuffix("_total"), isNumber(match.output.7 ?? ""),
            (match.output.6 ?? "").count <= 128
        else { throw Violation(description: "not an exemplar: \(line)") }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        ["+Inf", "-Inf", "NaN"].contains(text) || Double(text) != nil
    }
}
