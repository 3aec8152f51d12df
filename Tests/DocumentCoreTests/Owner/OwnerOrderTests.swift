import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("An owner tells only what is durable, in one order (G1, G2, G4, G7)")
struct OwnerOrderTests {
    private func fixture(clients: Int = 2) throws -> (OwnerFixture, [ConnectionNumber]) {
        var owner = OwnerFixture()
        owner.open(1)
        owner.open(2)
        var numbers: [ConnectionNumber] = []
        for client in 0..<clients { numbers.append(try owner.joined(client)) }
        return (owner, numbers)
    }

    @Test("Nothing is told of an operation before it is durable, to nobody")
    func nothingBeforeCommit() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("x"), numbers[0])
        #expect(owner.messages(to: 1).isEmpty && owner.messages(to: 2).isEmpty)
        owner.turn(.message(StreamID(2), .askCommitted(question: 4)))
        #expect(owner.messages(to: 2) == [.committed(question: 4, .initial)])
        owner.turn(.streamOpened(StreamID(3), owner.hello(nil)))
        guard case .opened(let opening)? = owner.messages(to: 3).first,
            case .content(let version, let digest, _) = opening.state
        else {
            Issue.record("a stream is opened with the document")
            return
        }
        #expect(version == .initial && digest == DocumentContent().digest)
        owner.appended(1)
        for stream in 1...3 { #expect(owner.commits(to: stream).map(\.version) == [Version(1)]) }
    }

    @Test("The submissions of one turn are one append, and their commits one frame per stream")
    func coalescing() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("x"), numbers[0])
        owner.submitNew(1, "b", base: 0, .inserting("y"), numbers[1])
        owner.appended(2)
        owner.turn(
            .message(StreamID(1), owner.submission(0, "c", base: 2, .inserting("1"), numbers[0])),
            .message(StreamID(1), owner.submission(1, "d", base: 2, .inserting("2"), numbers[1])))
        #expect(owner.appends.map { $0.map(\.version.value) } == [[3, 4]])
        owner.appended(4)
        #expect(owner.messages(to: 2).count == 1)
        #expect(owner.commits(to: 2).map(\.version.value) == [3, 4])
    }

    @Test("A part of an append that is durable is told without the rest")
    func partialAppend() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("x"), numbers[0])
        owner.appended(1)
        owner.turn(
            .message(StreamID(1), owner.submission(0, "b", base: 1, .inserting("1"), numbers[0])),
            .message(StreamID(1), owner.submission(0, "c", base: 1, .inserting("2"), numbers[0])))
        if let question = owner.lookUps.first { owner.turn(.lookedUp(question, .absent)) }
        owner.appended(2)
        #expect(owner.commits(to: 2).map(\.version.value) == [2])
        #expect(owner.machine.committedVersion == Version(2))
        #expect(owner.machine.committed.text == "1x\n")
    }

    @Test("Of two inserts at one place the one with the lower version stands to the left")
    func priority() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("first"), numbers[0])
        owner.submitNew(1, "b", base: 0, .inserting("second"), numbers[1])
        owner.appended(2)
        #expect(owner.machine.committed.text == "firstsecond\n")
    }

    @Test("An operation that transforms to nothing still gets a version")
    func emptyOperation() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("x"), numbers[0])
        owner.appended(1)
        owner.submit(0, "b", base: 1, .deleting(1), numbers[0])
        owner.submitNew(1, "c", base: 1, .deleting(1), numbers[1])
        owner.appended(3)
        #expect(owner.commits(to: 1).map(\.version.value) == [2, 3])
        #expect(owner.machine.committed.text == "\n")
    }

    @Test("A question for the committed version is answered after every commit up to it")
    func questionAfterCommits() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("x"), numbers[0])
        owner.turn(.appended(through: Version(1)), .message(StreamID(2), .askCommitted(question: 7)))
        #expect(owner.commits(to: 2).map(\.version.value) == [1])
        #expect(owner.messages(to: 2).last == .committed(question: 7, Version(1)))
    }

    @Test("A base in the future, a negative one, and an operation past the end are refused as invalid")
    func invalid() throws {
        var (owner, numbers) = try fixture()
        owner.submitNew(0, "a", base: 0, .inserting("x"), numbers[0])
        owner.appended(1)
        for (id, base, delta, stage) in [
            ("future", Int64(2), Delta.inserting("x"), RejectionStage.transform),
            ("negative", -1, .inserting("x"), .transform), ("past", 1, .inserting("x", at: 9), .apply),
        ] {
            owner.submitNew(0, id, base: base, delta, numbers[0])
            #expect(owner.rejections(to: 1) == [.invalidOperation], "\(id)")
            #expect(owner.rejectionStages == [stage], "\(id)")
        }
        #expect(owner.machine.headVersion == Version(1))
    }

    @Test("A document that is longer than allowed takes what makes it shorter, and nothing that makes it longer")
    func tooLongAlready() throws {
        var limits = DocumentLimits()
        limits.documentLength = 5
        var owner = OwnerFixture(content: try DocumentContent(Delta.inserting("0123456789")), limits: limits)
        owner.open(1)
        let editor = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), editor)
        #expect(owner.rejections(to: 1) == [.tooLarge])
        var shorter = Delta()
        shorter.delete(1)
        owner.submitNew(1, "b", base: 0, shorter, editor)
        #expect(owner.rejections(to: 1) == [])
        #expect(owner.machine.headVersion == Version(1))
    }

    @Test("A session that may only view is refused; one operation and one document may only be so large")
    func refusals() throws {
        var limits = DocumentLimits()
        limits.operationBytes = 200
        limits.documentLength = 50
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let viewer = try owner.joined(1, permission: .view)
        owner.submitNew(1, "a", base: 0, .inserting("x"), viewer)
        #expect(owner.rejections(to: 1) == [.forbidden])
        #expect(owner.rejectionStages == [.apply])
        let editor = try owner.joined(2)
        owner.submitNew(2, "b", base: 0, .inserting(String(repeating: "x", count: 300)), editor)
        #expect(owner.rejections(to: 1) == [.tooLarge])
        owner.submitNew(2, "c", base: 0, .inserting(String(repeating: "x", count: 50)), editor)
        #expect(owner.rejections(to: 1) == [.tooLarge])
        #expect(owner.machine.headVersion == .initial)
    }

    @Test("Only so much runs ahead of the commit; the rest is told to try again")
    func speculationBound() throws {
        var limits = DocumentLimits()
        limits.speculativeOperations = 2
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        var codes: [ErrorCode] = []
        for client in 0..<3 {
            let number = try owner.joined(client)
            owner.submitNew(client, "a", base: 0, .inserting("x"), number)
            codes += owner.rejections(to: 1)
        }
        #expect(codes == [.unavailable])
        owner.appended(2)
        #expect(owner.machine.committedVersion == Version(2))
    }

    @Test("A base below the window is read back from the log in portions; too far below it is a conflict")
    func readBack() throws {
        var limits = DocumentLimits()
        limits.windowOperations = 2
        limits.portionOperations = 3
        limits.baseDistance = 8
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let writer = try owner.joined(0)
        var rows: [CommittedOperation] = []
        for version in 1...8 {
            owner.submitNew(0, "w\(version)", base: Int64(version - 1), .inserting("w"), writer)
            rows += owner.appends.flatMap { $0 }
            owner.appended(Int64(version))
        }
        let late = try owner.joined(1)
        owner.submitNew(1, "late", base: 0, .inserting("L", at: 1), late)
        var portions: [Int] = []
        while let read = owner.reads.first {
            let answer = rows.filter { $0.version > read.after && $0.version <= read.through }
            portions.append(answer.count)
            owner.turn(.read(read.question, answer))
        }
        #expect(portions == [3, 3])
        rows += owner.appends.flatMap { $0 }
        owner.appended(9)
        #expect(owner.machine.committed.text == "wwwwwwww\nL")
        owner.submitNew(0, "w10", base: 8, .inserting("w"), writer)
        owner.appended(10)
        owner.submitNew(1, "ancient", base: 0, .inserting("A"), late)
        #expect(owner.rejections(to: 1) == [.conflict])
        #expect(owner.rejectionStages == [.transform])
    }

    @Test("A log that cannot be read back makes the operation one to try again")
    func readBackFails() throws {
        var limits = DocumentLimits()
        limits.windowOperations = 1
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let writer = try owner.joined(0)
        for version in 1...3 {
            owner.submitNew(0, "w\(version)", base: Int64(version - 1), .inserting("w"), writer)
            owner.appended(Int64(version))
        }
        let late = try owner.joined(1)
        owner.submitNew(1, "late", base: 0, .inserting("L"), late)
        owner.turn(.read(try #require(owner.reads.first).question, nil))
        #expect(owner.rejections(to: 1) == [.unavailable])
        #expect(owner.rejectionStages == [.apply])
        #expect(owner.machine.headVersion == Version(3))
    }
}
