import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("An owner's end, its pauses and its hand-off")
struct OwnerLifecycleTests {
    private func fixture(_ limits: DocumentLimits = .init()) throws -> (OwnerFixture, ConnectionNumber) {
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        return (owner, number)
    }

    private func stepDowns(_ owner: OwnerFixture) -> [StepDownReason] {
        owner.actions.compactMap { if case .stepDown(let reason) = $0 { reason } else { nil } }
    }

    @Test("A fenced owner forgets what was not durable, closes its streams and does nothing more (G5)")
    func fenced() throws {
        var (owner, number) = try fixture()
        owner.turn(.fenced)
        #expect(owner.closes == [.steppedDown])
        #expect(stepDowns(owner) == [.fenced])
        #expect(owner.machine.headVersion == .initial)
        owner.submit(1, "b", base: 0, .inserting("y"), number)
        #expect(owner.actions.isEmpty)
        owner.open(2)
        #expect(owner.closes == [.steppedDown])
    }

    @Test("A failed append drops what was ahead, closes the streams and asks for a reload; nobody was told")
    func appendFailed() throws {
        var (owner, _) = try fixture()
        owner.turn(.appendFailed("disk full"))
        #expect(owner.closes == [.failed("disk full")])
        #expect(owner.commits(to: 1).isEmpty)
        #expect(owner.actions.contains { if case .reload = $0 { true } else { false } })
    }

    @Test("While the lease has lapsed nothing is served; afterwards what came is taken in order")
    func suspended() throws {
        var (owner, number) = try fixture()
        owner.turn(.suspended)
        owner.turn(.message(StreamID(1), .askCommitted(question: 1)))
        #expect(owner.actions.isEmpty)
        owner.submit(1, "b", base: 0, .inserting("y"), number)
        #expect(owner.actions.isEmpty)
        owner.appended(1)
        #expect(owner.commits(to: 1).map(\.version.value) == [1])
        owner.turn(.resumed)
        #expect(owner.messages(to: 1).first == .committed(question: 1, Version(1)))
        #expect(owner.lookUps.count == 1)
    }

    @Test("A log that is gone is told once; operations are held up to the bound and nothing is acknowledged")
    func degraded() throws {
        var (owner, _) = try fixture()
        let second = try owner.joined(2)
        owner.turn(.logUnavailable("gone"), .logUnavailable("still gone"))
        #expect(owner.messages(to: 1) == [.degraded("gone")])
        owner.submit(2, "b", base: 0, .inserting("y"), second)
        if let question = owner.lookUps.first { owner.turn(.lookedUp(question, .absent)) }
        #expect(owner.messages(to: 1).isEmpty)
        owner.open(2)
        if case .opened(let opening)? = owner.messages(to: 2).first { #expect(opening.isDegraded) }
        owner.turn(.logAvailable, .appended(through: Version(2)))
        #expect(owner.messages(to: 1).first == .restored)
        #expect(owner.commits(to: 1).map(\.version.value) == [1, 2])
    }

    @Test("A hand-off takes nothing more, waits until everything is durable, then closes with the new owner")
    func handOff() throws {
        var (owner, number) = try fixture()
        owner.turn(.handOff(to: record(2)))
        #expect(!owner.actions.contains { if case .handOffReady = $0 { true } else { false } })
        owner.submit(1, "b", base: 0, .inserting("y"), number)
        #expect(owner.actions.isEmpty)
        owner.appended(1)
        #expect(owner.commits(to: 1).map(\.version.value) == [1])
        let ready = owner.actions.compactMap { action -> Version? in
            if case .handOffReady(_, let version) = action { version } else { nil }
        }
        #expect(ready == [Version(1)])
        owner.turn(.handOffConfirmed(Epoch(4)))
        #expect(owner.closes == [.movedTo(record(2), Epoch(4))])
        #expect(stepDowns(owner) == [.handedOff(record(2), Epoch(4))])
        #expect(owner.rejections(to: 1).isEmpty)
        owner.open(5)
        #expect(owner.closes == [.movedTo(record(2), Epoch(4))])
    }

    @Test("A hand-off that is abandoned goes on with what came meanwhile")
    func handOffAbandoned() throws {
        var (owner, number) = try fixture()
        owner.appended(1)
        owner.turn(.handOff(to: record(2)))
        owner.submit(1, "b", base: 1, .inserting("y"), number)
        owner.turn(.handOffAbandoned)
        #expect(owner.appends.map { $0.map(\.version.value) } == [[2]])
    }

    @Test("A hand-off that nobody confirms ends the epoch: what is durable is told, what came meanwhile goes elsewhere")
    func handOffUnconfirmed() throws {
        var (owner, number) = try fixture()
        owner.appended(1)
        owner.turn(.handOff(to: record(2)))
        owner.submit(1, "b", base: 1, .inserting("y"), number)
        owner.turn(.handOffUnconfirmed)
        #expect(owner.appends.isEmpty)
        #expect(owner.closes == [.steppedDown])
        #expect(stepDowns(owner) == [.handOffUnconfirmed(record(2))])
        owner.turn(.handOffUnconfirmed)
        #expect(owner.actions.isEmpty)
    }

    @Test("What is held is bounded; a submission beyond it is told to try again")
    func heldBound() throws {
        var limits = DocumentLimits()
        limits.speculativeOperations = 2
        var (owner, number) = try fixture(limits)
        owner.turn(.suspended)
        for index in 0..<2 { owner.submit(1, "h\(index)", base: 0, .inserting("y"), number) }
        #expect(owner.actions.isEmpty)
        owner.submit(1, "h2", base: 0, .inserting("y"), number)
        #expect(owner.rejections(to: 1) == [.unavailable])
    }

    @Test("Snapshots are made of the committed document, one at a time and not too often")
    func snapshots() throws {
        var limits = DocumentLimits()
        limits.snapshotOperations = 2
        var (owner, number) = try fixture(limits)
        func snapshots() -> [Version] {
            owner.actions.compactMap { if case .snapshot(let version, _, _) = $0 { version } else { nil } }
        }
        for client in 2...3 {
            let other = try owner.joined(client)
            owner.submitNew(client, "b", base: 0, .inserting("y"), other)
        }
        #expect(snapshots().isEmpty)
        owner.appended(2)
        #expect(snapshots() == [Version(2)])
        owner.submitNew(1, "d", base: 2, .inserting("z"), number)
        owner.appended(4)
        #expect(snapshots().isEmpty, "one is under way")
        owner.turn(.snapshotFinished(Version(2), succeeded: true))
        #expect(snapshots().isEmpty, "ten seconds have not passed")
        owner.now = 10_000_000
        owner.turn(.tick)
        #expect(snapshots() == [Version(4)])
    }

    @Test("A document without clients for a minute is snapshotted and let go; a client that comes keeps it")
    func passivation() throws {
        var (owner, number) = try fixture()
        owner.appended(1)
        owner.turn(.message(StreamID(1), .leave(clientID(1), number)))
        owner.turn(.tick)
        owner.now = 60_000_000
        owner.turn(.tick)
        #expect(owner.actions.contains { if case .snapshot = $0 { true } else { false } })
        #expect(stepDowns(owner).isEmpty)
        owner.join(2)
        owner.turn(.snapshotFinished(Version(1), succeeded: true))
        #expect(stepDowns(owner).isEmpty)
        owner.turn(.streamClosed(StreamID(1)))
        owner.turn(.tick)
        owner.now = 130_000_000
        owner.turn(.tick)
        #expect(stepDowns(owner) == [.idle])
    }
}
