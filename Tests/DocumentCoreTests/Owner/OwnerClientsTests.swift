import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("An owner's clients and their presence")
struct OwnerClientsTests {
    @Test("A newer connection of a client takes the older one's place and the older is told")
    func replaced() throws {
        var owner = OwnerFixture()
        owner.open(1)
        owner.open(2)
        let first = try owner.joined(1)
        let second = try owner.joined(1, on: 2)
        #expect(first < second)
        #expect(owner.messages(to: 1).contains(.replaced(clientID(1), first)))
        #expect(!owner.messages(to: 2).contains { if case .replaced = $0 { true } else { false } })
    }

    @Test("Under a new owner the newer of two connections wins, whichever announces itself first")
    func orderAcrossOwners() throws {
        let older = ConnectionNumber(epoch: Epoch(2), ordinal: 4)
        let newer = ConnectionNumber(epoch: Epoch(2), ordinal: 9)
        for newerFirst in [true, false] {
            var owner = OwnerFixture()
            owner.open(1)
            owner.open(2)
            if newerFirst {
                let newest = owner.join(1, on: 2, number: newer)
                #expect(newest != nil)
                let late = owner.join(1, on: 1, number: older)
                #expect(late == nil)
                #expect(owner.refusedJoins(on: 1) == [.conflict])
            } else {
                let given = try owner.joined(1, on: 1, number: older)
                let newest = owner.join(1, on: 2, number: newer)
                #expect(newest != nil)
                #expect(owner.messages(to: 1).contains(.replaced(clientID(1), given)))
            }
        }
    }

    @Test("A connection that was replaced does not come back with its number")
    func replacedStaysReplaced() throws {
        var owner = OwnerFixture()
        owner.open(1)
        owner.open(2)
        let first = try owner.joined(1)
        let second = owner.join(1, on: 2)
        #expect(second != nil)
        let again = owner.join(1, number: first)
        #expect(again == nil)
        #expect(owner.refusedJoins(on: 1) == [.conflict])
    }

    @Test(
        "What a client says of the order of its connections counts, whichever is heard of first and whatever numbers they have",
        arguments: [(nil, nil), (7, nil), (nil, 7), (9, 7), (7, 9)] as [(UInt32?, UInt32?)])
    func orderOfTheClient(olderOrdinal: UInt32?, newerOrdinal: UInt32?) throws {
        let older = olderOrdinal.map { ConnectionNumber(epoch: Epoch(2), ordinal: $0) }
        let newer = newerOrdinal.map { ConnectionNumber(epoch: Epoch(2), ordinal: $0) }
        for newerFirst in [true, false] {
            var owner = OwnerFixture()
            owner.open(1)
            owner.open(2)
            if newerFirst {
                let present = try owner.joined(1, on: 2, order: 5, number: newer)
                let late = owner.join(1, on: 1, order: 4, number: older)
                #expect(late == nil)
                #expect(owner.refusedJoins(on: 1) == [.conflict])
                #expect(owner.messages(to: 2).isEmpty, "the present connection hears nothing of it")
                let again = owner.join(1, on: 2, permission: .view, order: 5, number: present)
                #expect(again == present)
            } else {
                let given = try owner.joined(1, on: 1, order: 4, number: older)
                try owner.joined(1, on: 2, order: 5, number: newer)
                #expect(owner.messages(to: 1).contains(.replaced(clientID(1), given)))
            }
        }
    }

    @Test("With nobody here to lose his place an older connection may come, until the newer one does")
    func olderAlone() throws {
        var owner = OwnerFixture()
        owner.open(1)
        owner.open(2)
        try owner.joined(1, on: 2, order: 5)
        owner.turn(.streamClosed(StreamID(2)))
        let older = try owner.joined(1, on: 1, order: 4)
        owner.open(2)
        try owner.joined(1, on: 2, order: 5)
        #expect(owner.messages(to: 1).contains(.replaced(clientID(1), older)))
    }

    @Test("A changed permission is announced under the same number and holds at once")
    func permission() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        let announced = owner.join(1, permission: .view, number: number)
        #expect(announced == number)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        #expect(owner.rejections(to: 1) == [.forbidden])
    }

    @Test("The clients of a stream that closes leave")
    func streamClosed() {
        var owner = OwnerFixture()
        owner.open(1)
        owner.open(2)
        owner.join(1)
        owner.join(2)
        owner.join(3, on: 2)
        owner.turn(.streamClosed(StreamID(1)))
        #expect(owner.messages(to: 2) == [.clientLeft(clientID(1)), .clientLeft(clientID(2))])
        #expect(owner.machine.connectedClients == 1)
    }

    @Test("A document takes only so many sessions")
    func sessionLimit() {
        var limits = DocumentLimits()
        limits.sessions = 1
        var owner = OwnerFixture(limits: limits)
        owner.open(1)
        let first = owner.join(1)
        #expect(first != nil)
        let second = owner.join(2)
        #expect(second == nil)
        #expect(owner.messages(to: 1).contains { if case .joinRefused = $0 { true } else { false } })
    }

    @Test("Presence is moved to the committed version, told after it, once per turn")
    func presence() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let first = try owner.joined(1)
        let second = try owner.joined(2)
        owner.submitNew(1, "a", base: 0, .inserting("abc"), first)
        func told(_ presence: Presence, _ version: Int64) -> OwnerInput {
            .message(StreamID(1), .presence(clientID(2), second, Version(version), presence))
        }
        owner.turn(told(Presence(cursor: 0), 0), .appended(through: Version(1)), told(Presence(cursor: 1), 0))
        #expect(owner.presences(to: 1) == [Presence(cursor: 4)])
        let commit = owner.messages(to: 1).firstIndex { if case .commits = $0 { true } else { false } }
        #expect(commit == 0)
        owner.turn(told(Presence(cursor: 99, selection: .init(index: 1, length: 99)), 1))
        #expect(owner.presences(to: 1) == [Presence(cursor: 4, selection: .init(index: 1, length: 3))])
        owner.turn(told(Presence(cursor: 0), 7))
        #expect(owner.presences(to: 1).isEmpty, "a version that nobody was told of")
    }

    @Test("A submission's presence holds after its commit, moved over what came first")
    func submittedPresence() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let first = try owner.joined(1)
        let second = try owner.joined(2)
        owner.submitNew(1, "a", base: 0, .inserting("abc"), first)
        owner.submitNew(2, "b", base: 0, .inserting("Z"), second, presence: Presence(cursor: 1))
        #expect(owner.presences(to: 1).isEmpty)
        owner.appended(2)
        #expect(owner.machine.committed.text == "abcZ\n")
        #expect(owner.presences(to: 1) == [Presence(cursor: 4)])
    }

    @Test("Somebody who opens a stream sees everybody where they are at the version that is told")
    func presenceAtOpening() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let first = try owner.joined(1)
        owner.turn(.message(StreamID(1), .presence(clientID(1), first, .initial, Presence(cursor: 1))))
        let second = try owner.joined(2)
        owner.submitNew(2, "a", base: 0, .inserting("abc"), second)
        owner.appended(1)
        owner.open(2)
        guard case .opened(let opening)? = owner.messages(to: 2).first else {
            Issue.record("a stream is opened")
            return
        }
        #expect(opening.clients.map(\.presence) == [Presence(cursor: 4), Presence()])
    }

    @Test("A stream that holds a version of the window gets the operations after it; any other gets the document")
    func opening() throws {
        var owner = OwnerFixture()
        owner.open(1)
        let number = try owner.joined(1)
        owner.submitNew(1, "a", base: 0, .inserting("x"), number)
        owner.appended(1)
        owner.open(2, holds: .init(version: .initial, digest: DocumentContent().digest))
        guard case .opened(let opening)? = owner.messages(to: 2).first, case .operations(let operations) = opening.state
        else {
            Issue.record("the window reaches version 0")
            return
        }
        #expect(operations.map(\.version.value) == [1])
        for holds in [
            StreamHello.Held(version: .initial, digest: Digest(rawValue: 7)),
            .init(version: Version(9), digest: DocumentContent().digest),
        ] {
            owner.turn(.streamClosed(StreamID(3)))
            owner.open(3, holds: holds)
            if case .opened(let opening)? = owner.messages(to: 3).first,
                case .content(let version, _, let bytes) = opening.state
            {
                #expect(version == Version(1))
                #expect(bytes == owner.machine.committed.delta.jsonUTF8)
            } else {
                Issue.record("a document that is not ours is not continued")
            }
        }
    }
}
