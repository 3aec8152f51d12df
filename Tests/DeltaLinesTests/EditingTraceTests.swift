import Delta
import EditingTraces
import Foundation
import Testing

@Suite struct EditingTraceTests {
    func trace(_ json: String) throws -> EditingTrace { try EditingTrace(json: Array(json.utf8)) }

    @Test func positionsOfATraceAreCodePoints() throws {
        let trace = try trace(
            #"{"startContent":"😀","endContent":"a😀b👩c","txns":[{"time":"t","patches":[[1,0,"bxc"],[0,0,"a"]]},{"patches":[[3,1,"👩"]]}]}"#
        )
        var replay = try TraceReplay(startContent: trace.startContent)
        try replay.run(trace)
        #expect(replay.edits == 3)
        #expect(replay.content.text == "a😀b👩c")
        #expect(replay.matches(trace.endContent))
    }

    @Test func codePointsAndUnitsAgreeInALongDocument() throws {
        let text = (0..<5_000).map { $0 % 3 == 0 ? "😀" : $0 % 3 == 1 ? "a" : "👩‍🚀" }.joined()
        var document = Delta()
        document.insert(text)
        let content = try DocumentContent(document)
        var offset = 0
        for (index, scalar) in text.unicodeScalars.enumerated() {
            #expect(content.utf16Offset(ofCodePoint: index) == offset)
            offset += scalar.utf16.count
        }
        #expect(content.utf16Offset(ofCodePoint: text.unicodeScalars.count) == content.length)
        #expect(content.utf16Offset(ofCodePoint: text.unicodeScalars.count + 2) == content.length + 2)
    }

    @Test func aPatchPastTheEndDoesNotApply() throws {
        let trace = try trace(
            #"{"startContent":"","endContent":"","txns":[{"patches":[[0,0,"a"]]},{"patches":[[1,1,""]]}]}"#)
        var replay = try TraceReplay(startContent: trace.startContent)
        #expect {
            try replay.run(trace)
        } throws: { error in
            guard case .doesNotApply(transaction: 1, _) = error as? EditingTraceError else { return false }
            return true
        }
        #expect(replay.content.text == "a")
    }

    @Test func aConcurrentTraceTellsWhoMadeWhatAfterWhat() throws {
        let path = try #require(Bundle.module.path(forResource: "Fixtures/clownschool.json", ofType: "gz"))
        let trace = try EditingTrace(contentsOfFile: path)
        #expect(trace.agents == 3)
        #expect(trace.transactions.count == 23_136)
        #expect(trace.transactions[1].parents == [0])
        #expect(trace.endContent.count == 21_148)
        var replay = try TraceReplay(startContent: trace.startContent)
        #expect(throws: EditingTraceError.concurrent) { try replay.run(trace) }
    }

    @Test func filesThatAreNoTraceAreRefused() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("traces-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("trace.json.gz")
        let whole = try Data(
            contentsOf: URL(
                fileURLWithPath: try #require(
                    Bundle.module.path(forResource: "Fixtures/clownschool.json", ofType: "gz"))))

        #expect(throws: EditingTraceError.notFound(path: path.path)) { _ = try EditingTrace(contentsOfFile: path.path) }
        try whole.prefix(whole.count / 2).write(to: path)
        #expect(throws: EditingTraceError.unreadable(path: path.path)) {
            _ = try EditingTrace(contentsOfFile: path.path)
        }
        try Data(#"{"txns":[{"parents":[0],"patches":[]}]}"#.utf8).write(to: path)
        #expect(throws: EditingTraceError.malformed("transaction 0 has impossible parents or agent")) {
            _ = try EditingTrace(contentsOfFile: path.path)
        }
        for wrong in ["", "{", "[]", #"{"txns":[{"patches":[[0,0]]}]}"#, #"{"txns":[{"patches":[[-1,0,""]]}]}"#] {
            #expect(throws: EditingTraceError.self) { _ = try trace(wrong) }
        }
    }
}
