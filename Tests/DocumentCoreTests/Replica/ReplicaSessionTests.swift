import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("A replica keeps its sessions and their submissions across owners")
struct ReplicaSessionTests {
    private func fixture(sessions: Int = 2, _ limits: DocumentLimits = .init()) -> ReplicaFixture {
        var replica = ReplicaFixture(limits: limits)
        replica.open()
        for session in 1...sessions { replica.attach(session, client: session) }
        return replica
    }

    @Test("One batch is delivered once for all sessions without an operation of their own in it")
    func fanOut() throws {
        var replica = fixture(sessions: 3)
        replica.submit(2, "a", base: 0, .inserting("x"))
        try replica.commit(2, "a", .inserting("x"))
        let fans = replica.actions.compactMap {
            if case .fanOut(_, let tokens) = $0 { tokens.map(\.value) } else { nil }
        }
        #expect(fans == [[1, 3]])
        #expect(replica.events(2).versions == [1])
    }

    @Test("A submission that no owner answered is sent again to the next one, under the same id and base")
    func resend() throws {
        var replica = fixture()
        replica.submit(1, "a", base: 0, .inserting("x"))
        #expect(replica.submissions.map(\.operationID) == [operationID("a")])
        replica.turn(.linkLost)
        replica.epoch = Epoch(4)
        replica.open(.operations([]))
        #expect(replica.submissions.isEmpty, "the new owner has not accepted the join")
        let joins = replica.toOwner.compactMap { if case .join(let request) = $0 { request.number } else { nil } }
        #expect(
            joins == [ConnectionNumber(epoch: Epoch(3), ordinal: 1), ConnectionNumber(epoch: Epoch(3), ordinal: 2)])
        replica.accept(1, client: 1)
        #expect(replica.submissions.map(\.base) == [.initial])
        #expect(replica.submissions.map(\.connection) == [replica.number(1)])
    }

    @Test("A submission that became durable while the stream was lost is acknowledged by the next opening")
    func committedMeanwhile() throws {
        var replica = fixture()
        replica.submit(1, "a", base: 0, .inserting("x"))
        replica.turn(.linkLost)
        let row = try replica.write(1, "a", .inserting("x"))
        replica.epoch = Epoch(4)
        replica.open(.operations([row]))
        #expect(replica.events(1).versions == [1])
        replica.accept(1, client: 1)
        #expect(replica.submissions.isEmpty)
    }

    @Test("A client that repeats itself is not repeated to the owner")
    func impatient() {
        var replica = fixture()
        replica.submit(1, "a", base: 0, .inserting("x"))
        replica.submit(1, "a", base: 0, .inserting("x"))
        #expect(replica.submissions.isEmpty)
    }

    @Test(
        "An acknowledgement is told to a session that has had the version, and left to the commit for one that has not")
    func acknowledged() throws {
        var replica = fixture()
        replica.submit(1, "a", base: 0, .inserting("x"))
        try replica.commit(1, "a", .inserting("x"))
        replica.submit(1, "a", base: 0, .inserting("x"))
        replica.say(
            .acknowledged(clientID(1), replica.number(1), operationID("a"), Version(1), replica.document.digest))
        #expect(replica.events(1).acknowledgements == [1])
        replica.turn(.outboxFull(SessionToken(1)))
        try replica.commit(1, "b", .inserting("y"))
        replica.say(
            .acknowledged(clientID(1), replica.number(1), operationID("b"), Version(2), replica.document.digest))
        replica.turn(.outboxDrained(SessionToken(1)))
        #expect(replica.events(1).versions == [2])
        #expect(replica.events(1).acknowledgements.isEmpty)
    }

    @Test("A refusal for good comes with the whole document, one for now as an error")
    func rejected() {
        var replica = fixture()
        for code in [ErrorCode.invalidOperation, .forbidden, .tooLarge, .unavailable, .conflict] {
            replica.submit(1, code.rawValue, base: 0, .inserting("x"))
            replica.say(.rejected(clientID(1), replica.number(1), operationID(code.rawValue), code, "no"))
            let events = replica.events(1)
            switch code {
            case .unavailable:
                #expect(events.errors == [.unavailable] && events.resyncs.isEmpty)
            case .conflict:
                #expect(events.errors == [.conflict] && events.resyncs.map(\.rejected) == [nil])
            default:
                #expect(events.resyncs.map(\.rejected) == [operationID(code.rawValue)])
                #expect(events.errors == [code], "the reason is told before")
            }
        }
    }

    @Test("A session that may only view is refused here, before the owner (G9)")
    func viewOnly() {
        var replica = ReplicaFixture()
        replica.open()
        replica.attach(1, client: 1, permission: .view)
        replica.submit(1, "a", base: 0, .inserting("x"))
        #expect(replica.submissions.isEmpty)
        let events = replica.events(1)
        #expect(events.errors == [.forbidden])
        #expect(events.resyncs.map(\.rejected) == [operationID("a")])
    }

    @Test("A changed permission is told to the session and the owner; without any the session is closed")
    func permission() {
        var replica = fixture()
        replica.turn(.permissionChanged(profile(1).userID, .view))
        #expect(replica.events(1).contains { if case .permission(.view) = $0 { true } else { false } })
        let joins = replica.toOwner.compactMap { message -> Permission? in
            if case .join(let request) = message { request.permission } else { nil }
        }
        #expect(joins == [.view])
        #expect(replica.events(2).isEmpty)
        replica.turn(.permissionChanged(profile(2).userID, nil))
        #expect(replica.closes == [.forbidden])
        #expect(replica.toOwner == [.leave(clientID(2), replica.number(2))])
    }

    @Test("More in flight than is tolerated is a protocol error; more than the replica holds is told to try again")
    func bounds() {
        var limits = DocumentLimits()
        limits.unacknowledgedPerSession = 2
        limits.speculativeOperations = 3
        var replica = fixture(limits)
        for index in 0..<3 { replica.submit(1, "a\(index)", base: 0, .inserting("x")) }
        #expect(replica.events(1).errors == [.protocolError])
        replica.submit(2, "b0", base: 0, .inserting("x"))
        #expect(replica.events(2).errors.isEmpty)
        replica.submit(2, "b1", base: 0, .inserting("x"))
        #expect(replica.events(2).errors == [.unavailable])
    }

    private func fixture(_ limits: DocumentLimits) -> ReplicaFixture { fixture(sessions: 2, limits) }

    @Test("A connection whose place was taken is closed and does not leave in the other's name")
    func replaced() {
        var replica = fixture()
        replica.say(.replaced(clientID(1), replica.number(1)))
        #expect(replica.closes == [.replaced])
        #expect(replica.toOwner.isEmpty)
        #expect(replica.machine.sessionCount == 1)
    }

    @Test("A connection whose client has a newer one at the owner is closed as replaced")
    func outranked() {
        var replica = fixture()
        replica.say(.joinRefused(SessionToken(1), .conflict, "newer"))
        #expect(replica.closes == [.replaced])
        #expect(replica.machine.sessionCount == 1)
    }

    @Test("The order that a client gives its connection is announced, and to every owner")
    func announcedOrder() {
        var replica = ReplicaFixture()
        replica.open()
        var request = replica.request(1)
        request.order = ConnectionOrder(7)
        replica.turn(.attach(SessionToken(1), request))
        func orders() -> [ConnectionOrder?] {
            replica.toOwner.compactMap { if case .join(let join) = $0 { join.order } else { nil } }
        }
        #expect(orders() == [ConnectionOrder(7)])
        replica.turn(.linkLost)
        replica.open()
        #expect(orders() == [ConnectionOrder(7)])
    }

    @Test("A session that goes before its join is answered leaves when it is")
    func detachBeforeJoined() {
        var replica = ReplicaFixture()
        replica.open()
        replica.turn(.attach(SessionToken(1), replica.request(1)))
        replica.turn(.detach(SessionToken(1)))
        #expect(replica.toOwner.isEmpty)
        replica.accept(1, client: 1)
        #expect(replica.toOwner == [.leave(clientID(1), replica.number(1))])
    }

    @Test("Presence of others reaches every session but the client's own, at the version that they have")
    func presence() throws {
        var replica = fixture()
        let entries = [1, 2].map { ClientEntry(clientID: clientID($0), profile: profile($0), presence: Presence()) }
        for entry in entries { replica.say(.clientJoined(entry)) }
        replica.say(.presence(clientID(1), .initial, Presence(cursor: 1)))
        #expect(replica.events(1).isEmpty)
        #expect(replica.events(2).count == 1)
        replica.turn(.outboxFull(SessionToken(2)))
        replica.say(.presence(clientID(1), .initial, Presence(cursor: 0)))
        try replica.commit(1, "a", .inserting("abc"))
        replica.turn(.outboxDrained(SessionToken(2)))
        guard case .presence(_, Version(1), let moved)? = replica.events(2).last else {
            Issue.record("the presence that was missed is told")
            return
        }
        #expect(moved == Presence(cursor: 3))
    }

    @Test("A change of owner does not make everybody leave and join; who does not come back leaves after a while")
    func changeOfOwner() {
        var replica = ReplicaFixture()
        let entries = [1, 2].map { ClientEntry(clientID: clientID($0), profile: profile($0), presence: Presence()) }
        replica.open(clients: entries)
        replica.attach(3, client: 3)
        replica.turn(.linkLost)
        replica.epoch = Epoch(4)
        replica.open(.operations([]))
        replica.say(.clientJoined(entries[0]))
        #expect(replica.events(3).isEmpty)
        replica.now = 5_000_000
        replica.turn(.tick)
        let left = replica.events(3).compactMap { if case .clientLeft(let entry) = $0 { entry.clientID } else { nil } }
        #expect(left == [clientID(2)])
    }

    @Test("Everybody is told once that edits are not durable at present, and once that they are again")
    func degraded() {
        var replica = fixture()
        replica.say(.degraded("gone"))
        #expect(replica.events(1).count == 1)
        replica.turn(.linkUnavailable("no owner"))
        #expect(replica.events(1).isEmpty)
        replica.attach(3, client: 3)
        #expect(replica.events(3).contains { if case .degraded = $0 { true } else { false } })
        replica.epoch = Epoch(4)
        replica.open(.operations([]))
        #expect(replica.events(1).contains { if case .restored = $0 { true } else { false } })
    }

    @Test("After an owner that could not make edits durable the next one shows by a commit that it can")
    func provenByCommit() throws {
        var replica = fixture()
        func isRestored() -> Bool { replica.events(2).contains { if case .restored = $0 { true } else { false } } }
        replica.submit(1, "a", base: 0, .inserting("x"))
        replica.say(.end(.failed("the reason of a server")))
        let told = replica.events(2).compactMap { if case .degraded(let text) = $0 { text } else { nil } }
        #expect(told.count == 1 && told.first?.contains("server") == false)
        replica.epoch = Epoch(4)
        replica.open(.operations([]))
        #expect(!isRestored())
        try replica.commit(1, "a", .inserting("x"))
        #expect(isRestored())
    }

    @Test("It is taken at its word where nothing is held any more")
    func nothingToProve() {
        var replica = fixture()
        replica.say(.end(.failed("")))
        replica.epoch = Epoch(4)
        replica.open(.operations([]))
        #expect(replica.events(2).contains { if case .restored = $0 { true } else { false } })
    }

    @Test("Sessions that nobody can serve for ten seconds are told to come back later")
    func nobodyServes() {
        var replica = ReplicaFixture()
        replica.turn(.attach(SessionToken(1), replica.request(1)))
        replica.now = 10_000_000
        replica.turn(.tick)
        #expect(replica.events(1).errors == [.unavailable])
        #expect(replica.closes == [.overloaded])
    }

    @Test("A document that was deleted closes its sessions")
    func deleted() {
        var replica = fixture()
        replica.say(.end(.deleted))
        #expect(replica.closes == [.deleted, .deleted])
    }
}
