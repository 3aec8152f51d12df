import Delta
import Foundation
import Randomness
import Testing

@testable import HistoryChecker

/// Measures; what it measures is written in HISTORY.md, and no test fails for it.
@Suite(
    "The speed of the checker", .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["COLLAB_MEASURE"] != nil, "set COLLAB_MEASURE and build for release"))
struct ThroughputTests {
    @Test("in events per second, in memory and from lines", arguments: [2, 10])
    func eventsPerSecond(sessions: Int) throws {
        let events = try Self.history(sessions: sessions, operations: 200_000, documents: 4)
        let before = Self.residentBytes
        let clock = ContinuousClock()
        var checker = HistoryChecker()
        var report = HistoryReport?.none
        let took = try clock.measure {
            for event in events { try checker.take(event) }
            report = checker.finish()
        }
        let sound = try #require(report)
        #expect(sound.isSound, "\(sound.text().joined(separator: "\n"))")
        let perOperation = (Self.residentBytes - before) / sound.counts.rows

        var encoder = HistoryEncoder()
        for event in events { encoder.append(event) }
        let bytes = encoder.take()
        var decoder = HistoryDecoder()
        var reading = HistoryChecker()
        let tookReading = try clock.measure {
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                try bytes[start..<min(start + 1 << 20, bytes.count)].withUnsafeBufferPointer { part in
                    try decoder.feed(part) { (event) throws(HistoryFault) in try reading.take(event) }
                }
            }
            #expect(reading.finish() == sound)
        }
        let rate = Double(events.count) / (took / .seconds(1))
        let readRate = Double(events.count) / (tookReading / .seconds(1))
        print(
            "\(sessions) sessions a document: \(events.count) events, \(sound.counts.rows) operations: "
                + "\(Int(rate)) events/s in memory, \(Int(readRate)) events/s from \(bytes.count >> 20) MiB of lines, "
                + "\(perOperation) bytes kept for an operation")
    }

    /// Everybody types in turn; whoever types has not seen the last few operations of the others.
    static func history(sessions: Int, operations: Int, documents: Int) throws -> [HistoryEvent] {
        var random = SplitMix64(seed: 1)
        var events: [HistoryEvent] = []
        var at: Int64 = 0
        func record(_ kind: HistoryEvent.Kind) {
            at += 10
            events.append(HistoryEvent(at: at, kind))
        }
        for document in 0..<documents {
            let name = "document-\(document)"
            var content = try DocumentContent(inserting("\n"))
            record(.document(.init(name, content: content.delta)))
            let names = (0..<sessions).map { "\(name)-session-\($0)" }
            let clients = (0..<sessions).map { _ in UUID().uuidString }
            for (index, session) in names.enumerated() {
                record(.opened(.init(session: session, document: name, user: "user-\(index)")))
                record(.initial(.init(session: session, client: clients[index], version: 0, content: content.delta)))
            }
            var log: [(client: Int, row: HistoryEvent.LogRow)] = []
            for version in 1...operations / documents {
                let index = version % sessions
                // A client has one operation in flight: its base is behind by less than the others are many.
                let base = max(0, version - 1 - Int.random(in: 0..<sessions, using: &random) / 2)
                let length = content.length - 3 * sessions
                var delta = inserting("a", at: length > 0 ? Int.random(in: 0..<length, using: &random) : 0)
                if random.chance(20), length > 10 {
                    delta = deleting(1, at: Int.random(in: 0..<length, using: &random))
                }
                let id = UUID().uuidString
                record(.submitted(.init(session: names[index], operationID: id, version: base, operation: delta)))
                for entry in log[base...] { delta = entry.row.operation.transform(delta, priority: true) }
                try content.apply(delta)
                let row = HistoryEvent.LogRow(
                    document: name, version: version, epoch: 1 + version / 1_000, client: clients[index],
                    operationID: id, operation: delta, digest: content.digest)
                log.append((index, row))
                for (other, session) in names.enumerated() {
                    if other == index {
                        record(
                            .acknowledged(
                                .init(session: session, operationID: id, version: version, digest: content.digest)))
                    } else {
                        let seen = HistoryEvent.SeenOperation(
                            version: version, client: clients[index], operation: delta)
                        record(.seen(.init(session: session, [seen])))
                    }
                }
            }
            for session in names {
                record(.held(.init(session: session, version: log.count, content: content.delta)))
            }
            for entry in log { record(.row(entry.row)) }
            record(.head(.init(document: name, epoch: 1 + log.count / 1_000, head: log.count)))
        }
        return events
    }

    private static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
    }
}
