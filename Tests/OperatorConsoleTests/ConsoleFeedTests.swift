import CollabModel
import JSON
import Logging
import PeerProtocol
import RuntimePorts
import Synchronization
import Testing

@testable import OperatorConsole

struct ConsoleFeedTests {
    private let reports = FakeReports()
    private let store = FakeStore()
    private let clock = StandingClock()

    private func makeFeed() -> ConsoleFeed {
        ConsoleFeed(
            cluster: "test", node: node(1).id, reports: reports, store: store, clock: clock,
            logger: Logger(label: "test"))
    }

    private func message(_ console: FakeConsole) async throws -> JSONValue {
        try JSONValue(utf8: try #require(await console.next()))
    }

    @Test func `nobody is asked before a console is open, nor after the last has closed`() async throws {
        let feed = makeFeed()
        #expect(!feed.isWatching)
        let console = FakeConsole()
        let token = try #require(feed.open(console))
        _ = await console.next()
        #expect(feed.isWatching)
        #expect(reports.asked.withLock { $0 } == 1)
        feed.close(token)
        #expect(!feed.isWatching)
    }

    @Test func `the first message is the whole state, the next the changes`() async throws {
        reports.answers.withLock { $0 = [answer(node(1))] }
        let feed = makeFeed()
        let console = FakeConsole()
        let token = try #require(feed.open(console))
        #expect(try await message(console)["type"]?.string == "state")
        reports.answers.withLock { $0 = [answer(node(1)), answer(node(2))] }
        await feed.look()
        let changes = try await message(console)
        #expect(changes["type"]?.string == "changes")
        #expect(changes["nodes"]?.array?.map { $0["id"]?.string } == ["node-2"])
        feed.close(token)
    }

    @Test func `a console that did not take a change gets the whole state next`() async throws {
        reports.answers.withLock { $0 = [answer(node(1))] }
        let feed = makeFeed()
        let console = FakeConsole()
        let token = try #require(feed.open(console))
        _ = try await message(console)
        console.ready.withLock { $0 = false }
        await feed.look()
        console.ready.withLock { $0 = true }
        await feed.look()
        #expect(try await message(console)["type"]?.string == "state")
        feed.close(token)
    }

    @Test func `titles follow, and without a database everything else is told`() async throws {
        store.isAvailable.withLock { $0 = false }
        reports.answers.withLock { $0 = [answer(node(1), documents: [owned(1)])] }
        let feed = makeFeed()
        let console = FakeConsole()
        let token = try #require(feed.open(console))
        #expect(try await message(console)["documents"]?.array?.first?["title"]?.isNull == true)
        store.isAvailable.withLock { $0 = true }
        var title: String?
        while title == nil {
            // Nothing here suspends by itself, and the reading of titles needs a thread.
            await Task.yield()
            await feed.look()
            title = try await message(console)["documents"]?.array?.first?["title"]?.string
        }
        #expect(title == "Title 1")
        feed.close(token)
    }

    @Test func `a document that has no title is not asked for again before all are`() async throws {
        store.deleted.withLock { $0 = [document(2)] }
        let feed = makeFeed()
        var numbers: [UInt64] = [1, 2]
        // Each round ends with a title that was read after the round before.
        for round in [1, 3] as [UInt64] {
            if round == 3 { numbers.append(3) }
            reports.answers.withLock { $0 = [answer(node(1), documents: numbers.map { owned($0) })] }
            let console = FakeConsole()
            let token = try #require(feed.open(console))
            var isTold = false
            while !isTold {
                await Task.yield()
                await feed.look()
                let documents = try await message(console)["documents"]?.array ?? []
                isTold = documents.contains { $0["title"]?.string == "Title \(round)" }
            }
            feed.close(token)
        }
        let asked = store.asked.withLock { $0 }
        #expect(asked.contains { $0.contains(document(2)) })
        #expect(asked.allSatisfy { !$0.contains(document(2)) || $0.contains(document(1)) }, "\(asked)")
    }

    @Test func `consoles above the bound are refused until one closes`() throws {
        let feed = makeFeed()
        let tokens = (0..<ConsoleFeed.consolesAtMost).compactMap { _ in feed.open(FakeConsole()) }
        #expect(tokens.count == ConsoleFeed.consolesAtMost)
        #expect(feed.open(FakeConsole()) == nil)
        feed.close(tokens[0])
        let another = try #require(feed.open(FakeConsole()))
        for token in tokens.dropFirst() + [another] { feed.close(token) }
        #expect(!feed.isWatching)
    }
}
