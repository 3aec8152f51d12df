import ClusterCore
import ClusterRuntime
import CollabModel
import Logging
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("The change feed")
struct ChangeFeedTests {
    /// A node's log writer and feed on a store and a broker that nodes share.
    private struct Node {
        let identity: NodeIdentity
        let membership: Membership
        let feed: ChangeFeed
        let writer: LogWriter
    }

    private let clock = SystemRuntimeClock()
    private let broker = InMemoryBroker()
    private let store: InMemoryStore
    private let leases: InMemoryLeaseStore

    init() {
        store = InMemoryStore(lanes: 2, clock: clock)
        leases = InMemoryLeaseStore(clock: clock)
    }

    private func node(
        _ name: String, broker: (any ChangeBroker)? = nil, configure: (inout ChangeFeed.Settings) -> Void = { _ in }
    ) async throws -> Node {
        let record = NodeRecord(
            id: try #require(NodeID(name)), incarnation: Incarnation(Int64(name.utf8.count)),
            peerAddress: SampleDocument.address, publicURL: "http://127.0.0.1:3001")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let membership = Membership(
            record: record, store: leases,
            timing: LeaseTiming(timeToLiveMilliseconds: 20, renewalMilliseconds: 10), clock: clock,
            metrics: NoRuntimeMetrics(), logger: logger)
        // A renewal tells the membership that the store can be reached; this one lasts as long as the test.
        await membership.setDraining(false)
        _ = try await leases.renew(record, timeToLiveMilliseconds: 60_000)
        await membership.refresh()
        var settings = ChangeFeed.Settings()
        settings.pace = .milliseconds(2)
        settings.sweepInterval = .seconds(3_600)
        configure(&settings)
        let feed = ChangeFeed(
            settings, broker: broker ?? self.broker, positions: store, log: store, membership: membership,
            clock: clock, metrics: NoRuntimeMetrics(), logger: logger)
        let writer = LogWriter(
            log: store, clock: clock, metrics: NoRuntimeMetrics(), logger: logger, feed: feed)
        return Node(identity: record.identity, membership: membership, feed: feed, writer: writer)
    }

    /// Runs the nodes' writers and feeds as long as `body`.
    private func running(_ nodes: [Node], _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                group.addTask { await node.writer.run() }
                group.addTask { await node.feed.run() }
            }
            try await body()
            group.cancelAll()
        }
    }

    private func document(_ source: inout SampleSource, owner: Node) async throws -> SampleDocument {
        var document = try await source.document(in: store)
        try await document.takeOver(in: store, as: owner.identity)
        return document
    }

    /// Appends through the node's writer, and returns when it is durable.
    private func append(_ append: DocumentAppend, at node: Node) async throws {
        let receiver = CollectingReceiver()
        #expect(node.writer.append(append, receiver: receiver))
        guard case .appended? = await receiver.result() else {
            Issue.record("the append failed")
            return
        }
    }

    private func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, what)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test("What is durable is published once and in the order of each document's versions")
    func publishes() async throws {
        let node = try await node("a") { $0.operationsPerDocument = 20 }
        var source = SampleSource(seed: 1)
        var documents: [SampleDocument] = []
        for _ in 0..<5 { documents.append(try await document(&source, owner: node)) }
        try await running([node]) {
            for _ in 0..<10 {
                for index in documents.indices { try await append(documents[index].inserts(7), at: node) }
            }
            try await eventually("all is published") { broker.changes.count >= 350 && node.feed.backlog == 0 }
        }
        for document in documents {
            #expect(broker.versions(of: document.id) == Array(1...70))
            #expect(
                broker.changes.filter { $0.document == document.id }.map(\.operation) == store.log(of: document.id))
            #expect(try await store.published(of: [document.id]) == [document.id: Version(70)])
        }
    }

    @Test("An append does not wait for a broker that is gone; what it could not be told it is told later, from the log")
    func outage() async throws {
        let node = try await node("a")
        var source = SampleSource(seed: 2)
        var document = try await document(&source, owner: node)
        broker.goDown()
        try await running([node]) {
            for _ in 0..<3 { try await append(document.inserts(100), at: node) }
            #expect(broker.changes.isEmpty)
            #expect(node.feed.backlog == 1)
            broker.comeBack()
            try await eventually("all is published") { broker.changes.count == 300 }
        }
        #expect(broker.versions(of: document.id) == Array(1...300))
    }

    @Test("Without the broker's word that it has them, operations are published again and none is left out")
    func lostConfirms() async throws {
        let node = try await node("a")
        var source = SampleSource(seed: 3)
        var document = try await document(&source, owner: node)
        broker.loseConfirms(3)
        try await running([node]) {
            for _ in 0..<20 { try await append(document.inserts(5), at: node) }
            try await eventually("all is published") { node.feed.backlog == 0 && broker.changes.count >= 100 }
        }
        let versions = broker.versions(of: document.id)
        #expect(versions.count > 100)
        // What a consumer sees that passes over what it has already.
        var seen: Int64 = 0
        for version in versions where version > seen {
            #expect(version == seen + 1)
            seen = version
        }
        #expect(seen == 100)
    }

    @Test("A feed that starts publishes what is left of its node's documents, and a flush waits until it is")
    func restart() async throws {
        let former = try await node("a")
        var source = SampleSource(seed: 4)
        var document = try await document(&source, owner: former)
        _ = try await store.append([document.inserts(30)], lane: 0)
        let node = try await node("a")
        try await running([node]) {
            try await eventually("all is published") { broker.changes.count == 30 }
        }
        _ = try await store.append([document.inserts(3)], lane: 0)
        let next = try await self.node("bb")
        try await running([next]) {
            next.feed.committed(document.id, through: Version(33))
            await next.feed.flush(withinMilliseconds: 30_000)
            #expect(broker.changes.count == 33)
        }
    }

    @Test("What a node that is gone has left is published where it has its place, what a member owns by that member")
    func takesOver() async throws {
        let (first, second) = (try await node("a"), try await node("bb"))
        await first.membership.refresh()
        await second.membership.refresh()
        #expect(first.membership.view.members.count == 2)
        var source = SampleSource(seed: 5)
        let gone = NodeIdentity(node: first.identity.node, incarnation: Incarnation(77))
        var left: [DocumentID] = []
        for _ in 0..<20 {
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: gone)
            _ = try await store.append([document.inserts(2)], lane: 0)
            left.append(document.id)
        }
        var living = try await document(&source, owner: second)
        _ = try await store.append([living.inserts(2)], lane: 0)
        let here = left.filter { first.membership.view.placement(of: $0)?.id == first.identity.node }
        try #require(!here.isEmpty && here.count < left.count)
        try await running([first]) {
            try await eventually("what is placed here is published") { broker.changes.count >= 2 * here.count }
            await first.feed.flush(withinMilliseconds: 30_000)
        }
        #expect(Set(broker.changes.map(\.document)) == Set(here))
        try await running([second]) {
            try await eventually("the rest is published") { broker.changes.count == 2 * left.count + 2 }
        }
        #expect(Set(broker.changes.map(\.document)) == Set(left + [living.id]))
    }

    @Test("What a living owner does not publish falls to others after a time, and is not held against it meanwhile")
    func stuck() async throws {
        let first = try await node("a") { $0.sweepInterval = .milliseconds(300) }
        let second = try await node("bb") { $0.sweepInterval = .milliseconds(300) }
        await first.membership.refresh()
        var source = SampleSource(seed: 9)
        var document = try await document(&source, owner: second)
        _ = try await store.append([document.inserts(4)], lane: 0)
        let start = ContinuousClock.now
        // The owner has no feed.
        try await running([first]) {
            try await eventually("another publishes it") { broker.changes.count == 4 }
        }
        #expect(ContinuousClock.now - start > .milliseconds(250))
        #expect(broker.versions(of: document.id) == [1, 2, 3, 4])
    }

    @Test("A broker that does not answer for what it has taken is sent little until it does")
    func caution() async throws {
        let node = try await node("a")
        var source = SampleSource(seed: 10)
        var document = try await document(&source, owner: node)
        broker.loseConfirms(4)
        _ = try await store.append([document.inserts(500)], lane: 0)
        try await running([node]) {
            try await eventually("all is published") { broker.changes.count >= 500 && node.feed.backlog == 0 }
        }
        // The first attempt, three small ones, and then what is left.
        #expect(broker.changes.count <= 2 * 500 + 3 * 16)
        #expect(Set(broker.versions(of: document.id)).count == 500)
    }

    @Test("What has no room is found by looking through the log")
    func bound() async throws {
        let node = try await node("a") {
            $0.waitingDocuments = 2
            $0.sweepInterval = .milliseconds(20)
        }
        var source = SampleSource(seed: 6)
        var documents: [SampleDocument] = []
        for _ in 0..<12 { documents.append(try await document(&source, owner: node)) }
        broker.goDown()
        try await running([node]) {
            for index in documents.indices { try await append(documents[index].inserts(3), at: node) }
            // Two wait, and as many may be under way.
            #expect(node.feed.backlog <= 4)
            broker.comeBack()
            try await eventually("all is published") { broker.changes.count >= 36 }
        }
        for document in documents { #expect(Set(broker.versions(of: document.id)) == [1, 2, 3]) }
    }

    @Test("A round reads no more than its bytes, and the rest goes in the next ones")
    func bytes() async throws {
        let node = try await node("a") { $0.bytesPerRound = 100 }
        var source = SampleSource(seed: 8)
        var documents: [SampleDocument] = []
        for _ in 0..<10 { documents.append(try await document(&source, owner: node)) }
        for index in documents.indices { _ = try await store.append([documents[index].inserts(40)], lane: 0) }
        try await running([node]) {
            try await eventually("all is published") { broker.changes.count == 400 && node.feed.backlog == 0 }
        }
        for document in documents { #expect(broker.versions(of: document.id) == Array(1...40)) }
        #expect(broker.largestBatch < 40)
    }

    @Test("A damaged document does not hold up the others")
    func damage() async throws {
        let node = try await node("a")
        var source = SampleSource(seed: 7)
        var damaged = try await document(&source, owner: node)
        var sound = try await document(&source, owner: node)
        _ = try await store.append([damaged.inserts(5)], lane: 0)
        store.damageOperation(Version(3), of: damaged.id)
        _ = try await store.append([sound.inserts(5)], lane: 0)
        try await running([node]) {
            try await eventually("the sound one is published") { broker.versions(of: sound.id) == [1, 2, 3, 4, 5] }
            await node.feed.flush(withinMilliseconds: 30_000)
        }
        #expect(broker.versions(of: damaged.id).isEmpty)
        // It is not tried at every further edit.
        node.feed.committed(damaged.id, through: Version(6))
        #expect(node.feed.backlog == 0)
    }
}
