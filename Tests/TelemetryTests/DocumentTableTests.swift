import CollabModel
import RuntimePorts
import Synchronization
import Testing

@testable import Telemetry

@Suite("Documents in the metrics")
struct DocumentTableTests {
    /// A clock that goes when it is told to.
    private final class HandClock: RuntimeClock {
        private let now = Atomic<Int64>(0)
        func advance(_ duration: Duration) { now.add(Int64(duration / .microseconds(1)), ordering: .relaxed) }
        func monotonicMicroseconds() -> Int64 { now.load(ordering: .relaxed) }
        func wallMicroseconds() -> Int64 { FixedClock.wall }
        func sleep(for duration: Duration) async throws { throw CancellationError() }
    }

    private func note(_ table: DocumentTable, _ number: Int, _ version: Int64) throws {
        table.note(try document(number), version: Version(version), epoch: Epoch(1), sessions: 1)
    }

    @Test("only the busiest documents are listed, and a released one is not")
    func listed() throws {
        let table = DocumentTable(clock: FixedClock())
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
        let table = DocumentTable(clock: FixedClock())
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
        let table = DocumentTable(clock: FixedClock())
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
        let clock = HandClock()
        let table = DocumentTable(clock: clock)
        for number in 1...51 { try note(table, number, 0) }
        for number in 1...50 { try note(table, number, 100) }
        let quiet = Set(table.list().map(\.document))
        #expect(!quiet.contains(try document(51)))
        var others = table.otherOperations
        for turn in 1...20 {
            for number in 2...51 { try note(table, number, 100 + Int64(turn) * 100) }
            clock.advance(DocumentTable.listingPeriod)
            _ = table.list()
            #expect(table.otherOperations >= others)
            others = table.otherOperations
        }
        let busy = Set(table.list().map(\.document))
        #expect(busy.contains(try document(51)))
        #expect(!busy.contains(try document(1)))
    }

    @Test("what a document had since its last scrape goes to the others when it leaves the list or is released")
    func unlisting() throws {
        let clock = HandClock()
        let table = DocumentTable(clock: clock)
        for number in 1...50 { try note(table, number, 0) }
        _ = table.list()
        for number in 1...50 { try note(table, number, 10) }
        #expect(table.list().allSatisfy { $0.entry.operations == 10 })
        // Not shown yet: three of document 1, four of document 2. Then fifty others come, much busier.
        try note(table, 1, 13)
        try note(table, 2, 14)
        #expect(table.otherOperations == 0)
        table.forget(try document(2))
        #expect(table.otherOperations == 4)
        for number in 51...100 { try note(table, number, 0) }
        for number in 51...100 { try note(table, number, 1_000) }
        clock.advance(DocumentTable.listingPeriod)
        #expect(!table.list().map(\.document).contains(try document(1)))
        #expect(table.otherOperations == 4 + 3 + 50 * 1_000)
        table.forget(try document(1))
        #expect(table.otherOperations == 4 + 3 + 50 * 1_000)
    }

    @Test("over many scrapes every operation of the node is shown once, whoever comes and goes")
    func conservation() throws {
        let clock = HandClock()
        let table = DocumentTable(clock: clock)
        var random = SystemRandomNumberGenerator()
        var versions = [Int64](repeating: 0, count: 200)
        for number in versions.indices { try note(table, number + 1, 0) }
        var last: [DocumentID: Int64] = [:]
        var shown: Int64 = 0
        for _ in 0..<300 {
            for _ in 0..<200 {
                let number = Int.random(in: versions.indices, using: &random)
                versions[number] += Int64.random(in: 1...9, using: &random)
                try note(table, number + 1, versions[number])
            }
            clock.advance(.seconds(Int.random(in: 1...20, using: &random)))
            let listed = table.list()
            // As a scraper counts: a series that falls or comes anew began at 0.
            for (document, entry) in listed {
                let before = last[document] ?? 0
                shown += entry.operations >= before ? entry.operations - before : entry.operations
            }
            last = Dictionary(uniqueKeysWithValues: listed.map { ($0.document, $0.entry.operations) })
        }
        #expect(shown + table.otherOperations == versions.reduce(0, +))
    }

    @Test("however often it is scraped, hundreds of documents that are alike do not take turns in the list")
    func steadiness() throws {
        let clock = HandClock()
        let table = DocumentTable(clock: clock)
        for number in 1...400 { try note(table, number, 0) }
        var everListed: Set<DocumentID> = []
        for second in 1...600 {
            for number in 1...400 where (number + second).isMultiple(of: 3) { try note(table, number, Int64(second)) }
            clock.advance(.seconds(1))
            for _ in 1...2 { everListed.formUnion(table.list().map(\.document)) }
        }
        #expect(everListed.count == DocumentTable.scrapedDocuments)
    }

    @Test("the place of a released document is taken at the next scrape")
    func freePlace() throws {
        let table = DocumentTable(clock: FixedClock())
        for number in 1...51 { try note(table, number, 0) }
        for number in 1...51 { try note(table, number, Int64(100 - number)) }
        #expect(!table.list().map(\.document).contains(try document(51)))
        table.forget(try document(1))
        #expect(table.list().map(\.document).contains(try document(51)))
    }
}
