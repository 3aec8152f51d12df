import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("A replica shows no less than was acknowledged and nothing that it has not verified")
struct ReplicaCatchUpTests {
    /// A replica that has followed `count` operations of client 9.
    private func fixture(_ count: Int, _ limits: DocumentLimits = .init()) throws -> ReplicaFixture {
        var replica = ReplicaFixture(limits: limits)
        replica.open()
        for version in 0..<count { try replica.commit(9, "w\(version)", .inserting("w")) }
        return replica
    }

    @Test("A session is answered only after the owner has told its committed version, once for all who wait")
    func question() throws {
        var replica = try fixture(2)
        replica.turn(
            .attach(SessionToken(1), replica.request(1)), .attach(SessionToken(2), replica.request(2)))
        #expect(replica.events(1).isEmpty && replica.events(2).isEmpty)
        let questions = replica.toOwner.compactMap {
            if case .askCommitted(let question) = $0 { question } else { nil }
        }
        #expect(questions.count == 1)
        replica.turn(.attach(SessionToken(3), replica.request(3)))
        replica.say(.committed(question: questions[0], Version(2)))
        #expect(replica.events(1).initials.map(\.version) == [Version(2)])
        #expect(replica.events(2).initials.count == 1)
        #expect(replica.events(3).isEmpty, "it came after the question was asked")
        replica.answerQuestions()
        #expect(replica.events(3).initials.map(\.digest) == [replica.document.digest])
    }

    @Test("A returning session gets every operation after its version, its own included, in portions up to the head")
    func catchUp() throws {
        var limits = DocumentLimits()
        limits.portionOperations = 2
        var replica = try fixture(5, limits)
        replica.attach(1, client: 9, resume: .init(version: .initial, digest: DocumentContent().digest))
        let events = replica.events(1)
        guard case .catchUp(_, let version, let operations, _, _, let digest, let head)? = events.first else {
            Issue.record("a returning session is caught up")
            return
        }
        #expect(version == Version(2) && head == Version(5))
        #expect(digest == replica.rows[1].digest)
        #expect(operations.map(\.operationID) == [operationID("w0"), operationID("w1")])
        #expect(events.versions == [1, 2, 3, 4, 5])
    }

    @Test("What lies below the window is read from the log; commits meanwhile follow in order")
    func catchUpFromLog() throws {
        var limits = DocumentLimits()
        limits.portionOperations = 2
        limits.windowOperations = 3
        var replica = try fixture(8, limits)
        let resume = SessionRequest.Resume(version: Version(1), digest: replica.rows[0].digest)
        replica.attach(1, client: 1, resume: resume)
        #expect(replica.events(1).isEmpty)
        let read = try #require(replica.reads.first)
        #expect(read.after == .initial, "the operation that made the version comes along for its digest")
        try replica.commit(9, "meanwhile", .inserting("m"))
        #expect(replica.events(1).isEmpty)
        replica.turn(.read(read.question, Array(replica.rows.prefix(Int(read.through.value)))))
        var versions = replica.events(1).versions
        replica.answerReads()
        versions += replica.events(1).versions
        #expect(versions == [2, 3, 4, 5, 6, 7, 8, 9])
        try replica.commit(9, "after", .inserting("a"))
        #expect(replica.events(1).versions == [10])
    }

    @Test("A version that never was, another digest, and a version too far back are answered by the whole document")
    func resync() throws {
        var limits = DocumentLimits()
        limits.windowOperations = 2
        limits.baseDistance = 4
        var replica = try fixture(6, limits)
        for (token, version, digest) in [(1, 7, nil), (2, 6, Digest(rawValue: 1)), (3, 1, nil), (4, -1, nil)] {
            replica.attach(token, client: token, resume: .init(version: Version(Int64(version)), digest: digest))
            let resyncs = replica.events(token).resyncs
            #expect(resyncs.map(\.0.version) == [Version(6)], "version \(version)")
            #expect(resyncs.first?.0.digest == replica.document.digest)
        }
    }

    @Test("Another digest of a version below the window is found when the log is read")
    func digestBelowWindow() throws {
        var limits = DocumentLimits()
        limits.windowOperations = 2
        var replica = try fixture(6, limits)
        replica.attach(1, client: 1, resume: .init(version: Version(1), digest: Digest(rawValue: 1)))
        replica.answerReads()
        #expect(replica.events(1).resyncs.count == 1)
        #expect(replica.events(1).versions.isEmpty)
    }

    @Test("A resumed version ahead of the replica is answered when the replica has caught up")
    func ahead() throws {
        var replica = try fixture(1)
        try replica.write(9, "x", .inserting("x"))
        let resume = SessionRequest.Resume(version: Version(2), digest: replica.document.digest)
        replica.turn(.attach(SessionToken(1), replica.request(1, resume: resume)))
        let questions = replica.toOwner.compactMap {
            if case .askCommitted(let question) = $0 { question } else { nil }
        }
        replica.say(.commits(CommitBatch(operations: [replica.rows[1]], committedAtMicroseconds: 0)))
        replica.say(.committed(question: try #require(questions.first), Version(2)))
        guard case .catchUp(_, Version(2), let operations, _, _, _, Version(2))? = replica.events(1).first else {
            Issue.record("the session is at the head")
            return
        }
        #expect(operations.isEmpty)
    }

    @Test("A returning client that asks for everything is told its last operation, exact for the version it is shown")
    func lastOperation() throws {
        var replica = try fixture(2)
        replica.attach(1, client: 9, isNew: false)
        let lookUp = try #require(replica.lookUps.first)
        #expect(lookUp.through == Version(2))
        replica.turn(.lastOperation(lookUp.question, operationID("w1")))
        #expect(replica.events(1).initials.map(\.lastOperationID) == [operationID("w1")])
        replica.attach(2, client: 9, isNew: false)
        let second = try #require(replica.lookUps.first)
        try replica.commit(9, "w2", .inserting("w"))
        replica.turn(.lastOperation(second.question, operationID("w1")))
        #expect(replica.events(2).initials.map(\.lastOperationID) == [operationID("w2")])
        #expect(replica.events(2).initials.map(\.version) == [Version(3)])
    }

    @Test("A gap, another digest, and an older epoch cost the stream and show nobody anything")
    func unverified() throws {
        for fault in 0..<3 {
            var replica = try fixture(2)
            replica.attach(1, client: 1)
            var row = try replica.write(9, "x", .inserting("x"))
            switch fault {
            case 0: row.version = Version(9)
            case 1: row.digest = Digest(rawValue: 5)
            default: replica.epoch = Epoch(2)
            }
            replica.say(.commits(CommitBatch(operations: [row], committedAtMicroseconds: 0)))
            #expect(replica.droppedLinks == 1, "fault \(fault)")
            #expect(replica.events(1).isEmpty, "fault \(fault)")
            #expect(replica.machine.hello.holds == nil || replica.machine.version == Version(2))
        }
    }

    @Test("After a document that did not fit, sessions go on with what they lack once the owner has sent everything")
    func recovery() throws {
        var replica = try fixture(2)
        replica.attach(1, client: 1)
        var row = try replica.write(9, "x", .inserting("x"))
        row.digest = Digest(rawValue: 5)
        replica.say(.commits(CommitBatch(operations: [row], committedAtMicroseconds: 0)))
        #expect(replica.machine.hello.holds == nil)
        replica.open()
        replica.answerReads()
        #expect(replica.events(1).versions == [3])
        try replica.commit(9, "y", .inserting("y"))
        #expect(replica.events(1).versions == [4])
    }

    @Test("A document that is not what the owner says is not taken")
    func wrongDocument() {
        var replica = ReplicaFixture()
        replica.open(.content(version: .initial, digest: Digest(rawValue: 1), encoded: DocumentContent().jsonUTF8))
        #expect(replica.droppedLinks == 1)
        #expect(replica.machine.content == nil)
    }

    @Test("A session whose outbox is full is told nothing; drained, it goes on where it was")
    func outbox() throws {
        var replica = try fixture(1)
        replica.attach(1, client: 1)
        replica.turn(.outboxFull(SessionToken(1)))
        try replica.commit(9, "a", .inserting("a"))
        #expect(replica.events(1).isEmpty)
        replica.say(.degraded("gone"))
        #expect(replica.events(1).isEmpty)
        replica.turn(.outboxDrained(SessionToken(1)))
        #expect(replica.events(1).versions == [2])
        #expect(replica.events(1).contains { if case .degraded = $0 { true } else { false } })
        try replica.commit(9, "b", .inserting("b"))
        #expect(replica.events(1).versions == [3])
    }

    @Test(
        "A slow session that the window has passed gets the whole document; one that takes nothing for long is closed")
    func slow() throws {
        var limits = DocumentLimits()
        limits.windowOperations = 2
        var replica = try fixture(1, limits)
        replica.attach(1, client: 1)
        replica.turn(.outboxFull(SessionToken(1)))
        for index in 0..<6 { try replica.commit(9, "s\(index)", .inserting("s")) }
        replica.turn(.outboxDrained(SessionToken(1)))
        #expect(replica.events(1).resyncs.map(\.0.version) == [Version(7)])
        replica.turn(.outboxFull(SessionToken(1)))
        replica.now = 10_000_000
        replica.turn(.tick)
        #expect(replica.closes == [.overloaded])
    }

    @Test("A replica without sessions for a minute says once that it is idle")
    func idle() throws {
        var replica = try fixture(1)
        replica.attach(1, client: 1)
        replica.turn(.detach(SessionToken(1)))
        var told = 0
        for second in [1, 59, 60, 61] {
            replica.now = Int64(second) * 1_000_000
            replica.turn(.tick)
            told += replica.actions.count { if case .idle = $0 { true } else { false } }
        }
        #expect(told == 1)
    }
}
