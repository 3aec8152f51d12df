import Delta
import Randomness
import Testing

@testable import HistoryChecker

@Suite("Origins of characters")
struct OriginSequenceTests {
    @Test("follow every character as an array of them does", arguments: 0..<20)
    func asArray(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var sequence = OriginSequence(length: 5)
        var array = (0..<5).map { Character(version: 0, index: $0) }
        for version in 1...1_200 {
            var operation = Delta()
            var position = 0
            var index = 0
            var result: [Character] = []
            var gone: [Character] = []
            for _ in 0..<2 {
                let skip = Int.random(in: 0...array.count - position, using: &random)
                operation.retain(skip)
                result += array[position..<position + skip]
                position += skip
                if random.chance(60) {
                    let length = Int.random(in: 1...3, using: &random)
                    operation.insert(String(repeating: "x", count: length))
                    result += (index..<index + length).map { Character(version: version, index: $0) }
                    index += length
                } else {
                    let length = Int.random(in: 0...min(array.count - position, 4), using: &random)
                    operation.delete(length)
                    gone += array[position..<position + length]
                    position += length
                    let kept = min(1, array.count - position)
                    operation.retain(kept)
                    result += array[position..<position + kept]
                    position += kept
                }
            }
            result += array[position...]
            array = result
            var deleted: [Character] = []
            sequence.apply(operation, version: version) { deleted += Self.characters(of: $0) }
            #expect(deleted == gone, "seed \(seed), version \(version)")
        }
        #expect(sequence.spans.flatMap { Self.characters(of: $0) } == array, "seed \(seed)")
        #expect(sequence.spans.count > 512 || array.count < 1_000)
    }

    struct Character: Hashable {
        let version: Int
        let index: Int
    }

    private static func characters(of span: OriginSequence.Span) -> [Character] {
        (0..<Int(span.length)).map { Character(version: Int(span.version), index: Int(span.offset) + $0) }
    }

    @Test("show a deletion of what its client had not seen, beside the transformation that is wrong")
    func deletedUnseen() throws {
        var script = Script(start: "x\n")
        script.first(inserting("hi"))
        script.submit("o2", by: 2, on: 0, deleting(1))
        script.row(1, "o1", of: 1, inserting("hi"))
        // Not transformed: it deletes the "h" where the "x" stood.
        script.row(2, "o2", of: 2, deleting(1))
        script.head(2)
        let report = try HistoryChecker.report(script.events)
        #expect(report.broken == [.transformedOtherwise, .deletedUnseen])
        #expect(report.violated == [.g7])
    }

    @Test("show characters that a replay put in another's place")
    func originLost() throws {
        var ledger = DocumentLedger(name: "d", start: inserting("ab\n"))
        ledger.take(.init(document: "d", epoch: 1, head: 0), line: 2)
        for (text, isSound) in [("ab\n", true), ("ba\n", false), ("ab", false)] {
            var judge = DocumentJudge(ledger, sessions: [], findings: Findings(limit: 1))
            let origins = IntentionJudge(length: 3)
            judge.judgeOrigins(try DocumentContent(inserting(text)), through: 0, origins)
            let found = judge.findings.verdicts.flatMap { $0.violations.map(\.rule) }
            #expect(found == (isSound ? [] : [.originLost]), "\(text)")
        }
    }
}
