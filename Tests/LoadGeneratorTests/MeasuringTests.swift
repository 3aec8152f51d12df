import CollabModel
import Delta
import Testing

@testable import LoadGenerator

@Suite struct MeasuringTests {
    @Test func `An operation that others apply before its author hears of it is measured all the same`() throws {
        let ledger = DocumentLedger(after: .initial)
        let recorder = LoadRecorder()
        recorder.begin(at: 0)
        let id = try #require(OperationID("a"))
        ledger.submitted(id, by: 0, mark: 0)
        ledger.applied(Version(1), now: 3_000, recorder)
        #expect(recorder.figures.lag.count == 0)
        ledger.acknowledged(id, Version(1), times: [1_000, 2_000], now: 4_000)
        ledger.applied(Version(1), now: 5_000, recorder)
        #expect(recorder.figures.lag.count == 4)
        #expect(recorder.figures.lag.summary?.max ?? 0 >= 4)
    }

    @Test func `Edits that were due before the measurement are left out`() {
        let recorder = LoadRecorder()
        recorder.begin(at: 1_000)
        recorder.typed(due: 999, now: 1_100)
        recorder.typed(due: 1_000, now: 1_100)
        recorder.acknowledged([999, 1_000], now: 2_000)
        #expect(recorder.figures.counts.edits == 1)
        #expect(recorder.figures.counts.acknowledgedEdits == 1)
        #expect(recorder.figures.ack.count == 1)
    }

    @Test func `The gap counts from the start, between acks and up to the end`() {
        var gaps = Gaps(start: 1_000)
        gaps.acknowledged(at: 1_500)
        #expect(gaps.longest == 500)
        gaps.acknowledged(at: 1_600)
        #expect(gaps.longest == 500)
        gaps.end(at: 3_000)
        #expect(gaps.longest == 1_400)
        gaps.acknowledged(at: 9_000)
        #expect(gaps.longest == 1_400)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `Random edits always fit the document that they are made for`(seed: UInt64) throws {
        var source = TypingSource(seed: seed)
        var again = TypingSource(seed: seed)
        var content = try DocumentContent.shaped(characters: 200, runs: 20)
        for number in 0..<2_000 {
            let next = source.next(content)
            let edit = try #require(next)
            #expect(again.next(content) == edit, "seed \(seed), edit \(number)")
            #expect(throws: Never.self, "seed \(seed), edit \(number)") { try content.apply(edit) }
        }
        #expect(content.unit(at: content.length - 1) == 10)
    }

    @Test func `A shaped document has the length and the runs that were asked for`() throws {
        let content = try DocumentContent.shaped(characters: 50_000, runs: 2_000)
        #expect(content.length == 50_001)
        #expect(content.delta.ops.count >= 2_000)
    }
}
