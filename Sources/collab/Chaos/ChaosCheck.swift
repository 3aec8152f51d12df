internal import ArgumentParser
internal import Foundation
internal import HistoryChecker

/// `collab chaos check`.
struct ChaosCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Decides from a recorded history which promises were kept.",
        discussion: """
            The format of histories is described in Chaos/Checker/HISTORY.md. The exit status is 0 when no promise is \
            broken, 1 when one is, 2 when the history cannot be read. A promise about which the history shows nothing \
            is "not observed", and does not fail.
            """)

    @Argument(help: "The history, JSON lines; - is standard input.") var history: String
    @Flag(help: "Print the report as JSON.") var json = false
    @Option(help: "How many violations of each promise are shown, and kept.") var evidence = 10
    @Option(help: "The longest gap without an ack that is allowed during a fault (G10).") var longestGapMilliseconds:
        Double?
    @Option(help: "How long a message may be on its way: what comes later after losing access is a violation (G9).")
    var deliveryMilliseconds: Double?

    func validate() throws {
        let isBounded = [longestGapMilliseconds, deliveryMilliseconds].allSatisfy { (0...1e12).contains($0 ?? 0) }
        guard evidence > 0, isBounded else { throw ValidationError("--evidence and the times are positive") }
    }

    func run() throws {
        let report: HistoryReport
        do {
            report = try check()
        } catch let fault as HistoryFault {
            Console.error("error: \(history): \(fault)")
            throw ExitCode(2)
        } catch {
            Console.error("error: \(history) cannot be read: \(error.localizedDescription)")
            throw ExitCode(2)
        }
        if json {
            try FileHandle.standardOutput.write(contentsOf: Data(report.jsonUTF8 + [0x0A]))
        } else {
            for line in report.text(evidence: evidence) { Console.line(line) }
        }
        if !report.isSound { throw ExitCode.failure }
    }

    private func check() throws -> HistoryReport {
        var settings = HistoryChecker.Settings()
        settings.evidenceLimit = evidence
        settings.longestGapMicroseconds = longestGapMilliseconds.map { Int64($0 * 1_000) }
        settings.deliveryMicroseconds = deliveryMilliseconds.map { Int64($0 * 1_000) }
        let file =
            history == "-"
            ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(fileURLWithPath: history))
        defer { try? file.close() }
        var decoder = HistoryDecoder()
        var checker = HistoryChecker(settings: settings)
        while let data = try file.read(upToCount: 1 << 20), !data.isEmpty {
            try decoder.feed([UInt8](data)) { (event) throws(HistoryFault) in try checker.take(event) }
        }
        try decoder.finish { (event) throws(HistoryFault) in try checker.take(event) }
        return checker.finish()
    }
}
