import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("An owner applies an operation exactly once (G3)")
struct ExactlyOnceTests {
    /// An owner with one client whose first operation is durable as version 1.
    private func committedFixture() throws -> (OwnerFixture, ConnectionNumber) {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        owner.appended(1)
        return (owner, number)
    }

    @Test("A copy that arrives before the commit waits for it and appends nothing")
    func copyBeforeCommit() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.appends.count == 1)
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.appends.isEmpty)
        #expect(owner.acknowledgements(to: 1).isEmpty)
        owner.appended(1)
        #expect(owner.commits(to: 1).map(\.operationID) == [operationID("a")])
    }

    @Test("A copy that arrives after the commit is acknowledged with the first version")
    func copyAfterCommit() throws {
        var (owner, number) = try committedFixture()
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.appends.isEmpty)
        #expect(owner.acknowledgements(to: 1).map(\.1) == [Version(1)])
        #expect(owner.machine.headVersion == Version(1))
    }

    @Test("A copy under a later base is the same operation")
    func copyWithAnotherBase() throws {
        var (owner, number) = try committedFixture()
        owner.submit(1, "a", base: 1, .inserting("x", at: 1), number)
        #expect(owner.appends.isEmpty)
        #expect(owner.acknowledgements(to: 1).map(\.1) == [Version(1)])
    }

    @Test("A copy through another stream is acknowledged there")
    func copyThroughAnotherStream() throws {
        var (owner, _) = try committedFixture()
        owner.open(2)
        let second = try owner.joined(1, on: 2)
        owner.submit(1, "a", base: 0, .inserting("x"), on: 2, second)
        #expect(owner.appends.isEmpty)
        #expect(owner.acknowledgements(to: 2).map(\.1) == [Version(1)])
    }

    @Test("A copy that comes before its commit through another stream gets the commit there")
    func copyBeforeCommitThroughAnotherStream() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        owner.open(2)
        let second = try owner.joined(1, on: 2)
        owner.submit(1, "a", base: 0, .inserting("x"), on: 2, second)
        #expect(owner.appends.isEmpty)
        owner.appended(1)
        #expect(owner.commits(to: 2).map(\.version) == [Version(1)])
    }

    @Test("The first operation of a client under an epoch is looked up before it is applied")
    func firstUnderAnEpoch() throws {
        var owner = OwnerFixture(version: Version(7))
        owner.open(1)
        let number = try owner.joined(1)
        owner.submit(1, "a", base: 7, .inserting("x"), number)
        #expect(owner.appends.isEmpty)
        let question = try #require(owner.lookUps.first)
        owner.turn(.lookedUp(question, .found(Version(5), DocumentContent().digest)))
        #expect(owner.acknowledgements(to: 1).map(\.1) == [Version(5)])
        #expect(owner.machine.headVersion == Version(7))
    }

    @Test("The second operation of a client is not looked up when it builds on the first")
    func secondUnderAnEpoch() throws {
        var (owner, number) = try committedFixture()
        owner.submit(1, "b", base: 1, .inserting("y"), number)
        #expect(owner.lookUps.isEmpty)
        #expect(owner.appends.map(\.count) == [1])
    }

    @Test("An operation that builds on less than its client's last one is looked up, and not applied if it is new")
    func staleBase() throws {
        var (owner, number) = try committedFixture()
        owner.submit(1, "old", base: 0, .inserting("y"), number)
        let question = try #require(owner.lookUps.first)
        #expect(owner.appends.isEmpty)
        owner.turn(.lookedUp(question, .absent))
        #expect(owner.appends.isEmpty)
        #expect(owner.rejections(to: 1) == [.conflict])
        #expect(owner.rejectionStages == [.transform])
        owner.submit(1, "old", base: 1, .inserting("y"), number)
        #expect(owner.appends.map(\.count) == [1])
    }

    @Test("What builds on an operation that is not durable yet is told to come again; on one that nobody has, refused")
    func earlyBase() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        owner.submit(1, "b", base: 1, .inserting("y", at: 1), number)
        #expect(owner.rejections(to: 1) == [.unavailable])
        owner.submit(1, "c", base: 2, .inserting("y", at: 1), number)
        #expect(owner.rejections(to: 1) == [.invalidOperation])
    }

    @Test("Another's operations in between do not stand in the way")
    func staleBaseOfAnother() throws {
        var (owner, _) = try committedFixture()
        let second = try owner.joined(2)
        owner.submitNew(2, "b", base: 0, .inserting("y"), second)
        #expect(owner.appends.map(\.count) == [1])
    }

    @Test("An edit that was refused and sent again under another id is not applied beside a late copy of the first")
    func refusedAndSentAgain() throws {
        var limits = DocumentLimits()
        limits.documentLength = 3
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "first", base: 0, .inserting("abc"), number)
        #expect(owner.rejections(to: 1) == [.tooLarge])
        // A smaller one in its place is durable; then the document has room, and the copy comes.
        owner.submitNew(1, "second", base: 0, .inserting("ab"), number)
        owner.appended(1)
        let other = try owner.joined(2)
        owner.submitNew(2, "room", base: 1, .deleting(2), other)
        owner.appended(2)
        owner.submitNew(1, "first", base: 0, .inserting("abc"), number)
        #expect(owner.appends.isEmpty)
        #expect(owner.rejections(to: 1) == [.conflict])
    }

    @Test("Nor is it applied when the late copy came first, by an owner that knows neither")
    func lateCopyFirst() throws {
        var (first, _) = try committedFixture()
        first.open(9)
        let row = try #require(first.machine.committedRow(1))
        // The window does not reach below the row: the log is read.
        var owner = OwnerFixture(epoch: 4, content: first.machine.committed, version: Version(1))
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "again", base: 0, .inserting("x"), number)
        let read = try #require(owner.reads.first)
        owner.turn(.read(read.question, [row]))
        #expect(owner.appends.isEmpty)
        #expect(owner.rejections(to: 1) == [.conflict])
    }

    @Test("A stalled copy that arrives after its client has gone on is not applied")
    func stalledCopy() throws {
        var (owner, number) = try committedFixture()
        owner.submit(1, "b", base: 1, .inserting("y"), number)
        owner.appended(2)
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.appends.isEmpty)
        #expect(owner.acknowledgements(to: 1).map(\.1) == [Version(1)])
    }

    @Test("What an earlier owner made durable is recognised in the window that was loaded")
    func loadedWindow() throws {
        var (first, _) = try committedFixture()
        first.open(9)
        let row = try #require(first.machine.committedRow(1))
        var owner = OwnerFixture(epoch: 4, content: first.machine.committed, version: Version(1), recent: [row])
        owner.open(1)
        let number = try owner.joined(1)
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.lookUps.isEmpty && owner.appends.isEmpty)
        #expect(owner.acknowledgements(to: 1).map(\.1) == [Version(1)])
    }

    @Test("What arrives under a connection that is not the newest is looked up and never applied")
    func lowerConnection() throws {
        var (owner, first) = try committedFixture()
        owner.open(2)
        let second = try owner.joined(1, on: 2)
        #expect(first < second)
        owner.submit(1, "late", base: 1, .inserting("y"), first)
        let question = try #require(owner.lookUps.first)
        owner.turn(.lookedUp(question, .absent))
        #expect(owner.appends.isEmpty)
        #expect(owner.rejections(to: 1) == [.unavailable])
        owner.submit(1, "late", base: 1, .inserting("y"), on: 2, second)
        #expect(owner.appends.map(\.count) == [1])
    }

    @Test("What arrives under no connection at all is never applied")
    func noConnection() {
        var owner = OwnerFixture()
        owner.open(1)
        owner.submit(1, "a", base: 0, .inserting("x"), ConnectionNumber(epoch: Epoch(3), ordinal: 9))
        for question in owner.lookUps { owner.turn(.lookedUp(question, .absent)) }
        #expect(owner.machine.headVersion == .initial)
        #expect(owner.rejections(to: 1) == [.unavailable])
    }

    @Test("While one is looked up the client's next ones wait in order")
    func waiting() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        let question = try #require(owner.lookUps.first)
        owner.submit(1, "b", base: 0, .inserting("y"), number)
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.appends.isEmpty && owner.lookUps.isEmpty)
        owner.turn(.lookedUp(question, .absent))
        #expect(owner.appends.flatMap { $0 }.map(\.operationID) == [operationID("a")])
        let next = try #require(owner.lookUps.first)
        owner.turn(.lookedUp(next, .absent))
        // It does not build on the first, which is not durable yet.
        #expect(owner.appends.isEmpty)
        #expect(owner.rejections(to: 1) == [.unavailable])
        #expect(owner.machine.headVersion == Version(1))
    }

    @Test("Only so many wait behind a look-up; the rest is told to try again")
    func waitingBound() throws {
        var limits = DocumentLimits()
        limits.waitingPerClient = 2
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let number = try owner.joined(1)
        for index in 0..<3 { owner.submit(1, "w\(index)", base: 0, .inserting("x"), number) }
        #expect(owner.rejections(to: 1).isEmpty)
        owner.submit(1, "w3", base: 0, .inserting("x"), number)
        #expect(owner.rejections(to: 1) == [.unavailable])
    }

    @Test("An operation that cannot be looked up is neither applied nor refused for good")
    func lookUpFails() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submit(1, "a", base: 0, .inserting("x"), number)
        let question = try #require(owner.lookUps.first)
        owner.turn(.lookedUp(question, .unavailable))
        #expect(owner.rejections(to: 1) == [.unavailable])
        #expect(owner.machine.headVersion == .initial)
    }
}

extension OwnerMachine {
    /// A row as the owner has it in its window.
    func committedRow(_ version: Int64) -> CommittedOperation? {
        var copy = self
        let hello = StreamHello(
            document: document, gateway: identity, holds: .init(version: .initial, digest: DocumentContent().digest))
        let actions = copy.handle(.streamOpened(StreamID(1_000), hello), now: 0, wallMicroseconds: 0)
        for case .send(_, .opened(let opening)) in actions {
            if case .operations(let operations) = opening.state {
                return operations.first { $0.version == Version(version) }
            }
        }
        return nil
    }
}
