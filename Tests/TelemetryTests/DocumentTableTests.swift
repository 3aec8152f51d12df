import CollabModel
import Testing

@testable import Telemetry

@Suite("Documents in the metrics")
struct DocumentTableTests {
    private func note(_ table: DocumentTable, _ number: Int, _ version: Int64) throws {
        table.note(try document(number), version: Version(version), epoch: Epoch(1), sessions: 1)
    }

    @Test("only the busiest documents are listed, and a released one is not")
    func listed() throws {
        let table = DocumentTable()
        for number in 1...200 { try note(table, number, 10) }
        for number in 101...200 { try note(table, number, 10 + Int64(number)) }
        table.forget(try document(200))
        let listed = table.list().map(\.document)
        #expect(listed.count == DocumentTable.scrapedDocuments)
        #expect(listed.first == (try document(150)))
        #expect(listed.last == (try document(199)))
    }

    @Test("every operation is counted once: with its document while that is listed, else with the others")
    func operations() throws {
        let table = DocumentTable()
        for number in 1...60 { try note(table, number, 0) }
        for number in 1...60 { try note(table, number, Int64(number)) }
        #expect(table.otherOperations == (1...60).reduce(0, +))
        let first = table.list()
        #expect(first.map(\.document).contains(try document(60)))
        #expect(!first.map(\.document).contains(try document(1)))
        #expect(first.allSatisfy { $0.entry.operations == 0 })
        try note(table, 60, 65)
        try note(table, 1, 4)
        #expect(table.otherOperations == (1...60).reduce(0, +) + 3)
        #expect(table.list().first { $0.document == (try? document(60)) }?.entry.operations == 5)
    }

    @Test("a document is active while it has sessions, whether or not it is listed, and until it is released")
    func active() throws {
        let table = DocumentTable()
        for number in 1...200 { try note(table, number, 10) }
        #expect(table.activeDocuments == 200)
        table.note(try document(7), version: Version(11), epoch: Epoch(1), sessions: 0)
        table.forget(try document(8))
        #expect(table.activeDocuments == 198)
        table.note(try document(7), version: Version(12), epoch: Epoch(1), sessions: 3)
        #expect(table.activeDocuments == 199)
    }

    @Test("a document that grows quiet gives its place to a busier one, and no counter of the rest falls")
    func turnover() throws {
        let table = DocumentTable()
        for number in 1...51 { try note(table, number, 0) }
        for number in 1...50 { try note(table, number, 100) }
        let quiet = Set(table.list().map(\.document))
        #expect(!quiet.contains(try document(51)))
        var others = table.otherOperations
        for turn in 1...20 {
            for number in 2...51 { try note(table, number, 100 + Int64(turn) * 100) }
            _ = table.list()
            #expect(table.otherOperations >= others)
            others = table.otherOperations
        }
        let busy = Set(table.list().map(\.document))
        #expect(busy.contains(try document(51)))
        #expect(!busy.contains(try document(1)))
    }
}
