internal import Logging
internal import Runtime

/// Where in the program an error was logged, as the field `stack` has it.
///
/// A Swift error does not keep where it was thrown, so these are the calls of whoever logged it. Those of a task reach back
/// over its suspensions. Only the innermost has its file and line: to find those of the others the debug information has to
/// be read, which takes seconds in a program of this size, and whoever logs waits.
enum CallStack {
    /// The most calls that are told.
    private static let limit = 32
    /// The most that lie between the call of a logger and this one.
    private static let own = 16
    /// How the names of Swift's functions begin whose calls those are, as they are mangled: `Logging` and `Telemetry`.
    private static let ownPrefixes = ["$s7Logging", "$s9Telemetry"]

    /// The calls up from the one that logged an event, a line for each; `nil` where the platform cannot tell them.
    static func text(of event: LogEvent) -> String? {
        guard let stack = try? Backtrace.capture(limit: limit + own).symbolicated(options: []) else { return nil }
        let symbols = stack.frames.compactMap(\.symbol)
        let last = symbols.prefix(own).lastIndex { symbol in ownPrefixes.contains { symbol.rawName.hasPrefix($0) } }
        let calls = symbols[(last.map { $0 + 1 } ?? 0)...].prefix(limit).map(\.name)
        guard let first = calls.first else { return nil }
        return (["\(first) (\(event.file):\(event.line))"] + calls.dropFirst()).joined(separator: "\n")
    }
}
