import ClusterCore
import CollabModel
import PeerProtocol
import Testing

@Suite struct OwnerSearchTests {
    private var search = OwnerSearch(timing: LeaseTiming())
    private let owner = BelievedOwner(record: node(2), epoch: Epoch(5))

    @Test mutating func aLeaseHolderThatLivesIsDialled() {
        #expect(search.begin() == .resolve)
        #expect(search.resolved(owner, isAlive: true) == .dial(.known(owner.record), suspicion: nil))
    }

    @Test mutating func withoutALeaseTheBestNodeIsAskedToBecomeTheOwner() {
        #expect(search.resolved(nil, isAlive: false) == .dial(.placement(excluding: []), suspicion: nil))
    }

    @Test mutating func aRefusalEntitlesTheSuccessorAtOnce() {
        #expect(search.begin(lost: owner, .failure(.closed)) == .dial(.known(owner.record), suspicion: nil))
        #expect(
            search.failed(.refused)
                == .dial(
                    .placement(excluding: [owner.record.id]), suspicion: .refused(owner.record.identity, Epoch(5))))
    }

    @Test mutating func aProcessThatIsStillClosingIsDialledAgain() {
        _ = search.begin(lost: owner, .failure(.closed))
        #expect(search.failed(.closed) == .dial(.known(owner.record), suspicion: nil))
    }

    @Test mutating func silenceIsWaitedOutUntilTheNodeLeaseExpires() {
        // A time to live and a renewal, less the second of silence that has passed.
        #expect(search.begin(lost: owner, .failure(.silent)) == .awaitExpiry(owner, milliseconds: 1_500))
        #expect(
            search.expired()
                == .dial(
                    .placement(excluding: [owner.record.id]), suspicion: .expired(owner.record.identity, Epoch(5))))
    }

    @Test mutating func anOwnerThatAnswersAgainIsDialledAgain() {
        _ = search.begin(lost: owner, .failure(.silent))
        #expect(search.answersAgain() == .dial(.known(owner.record), suspicion: nil))
    }

    @Test mutating func anOwnerWhoseLeaseOutlivesTheSilenceIsSucceededByAMemberThatReachesBoth() {
        _ = search.begin(lost: owner, .failure(.silent))
        #expect(search.stillAlive() == .askAround(owner))
        #expect(
            search.askedAround(reachableBy: node(3))
                == .dial(.known(node(3)), suspicion: .unreachable(owner.record.identity, Epoch(5))))
    }

    @Test mutating func aDocumentThatMovedIsFollowed() {
        #expect(
            search.begin(lost: owner, .moved(node(3), Epoch(6))) == .dial(.known(node(3)), suspicion: nil))
        #expect(
            search.declined(.ownedBy(node(1), Epoch(7))) == .dial(.known(node(1)), suspicion: nil))
    }

    @Test mutating func anOwnerThatDidNotAnswerBeforeItWasKnownToBeOneIsWaitedFor() {
        _ = search.resolved(nil, isAlive: false)
        search.dialling(owner.record)
        #expect(search.failed(.silent) == .dial(.placement(excluding: [owner.record.id]), suspicion: nil))
        search.dialling(node(3))
        #expect(
            search.declined(.ownedBy(owner.record, owner.epoch)) == .awaitExpiry(owner, milliseconds: 2_500),
            "it is not said to refuse connections")
        #expect(search.answersAgain() == .dial(.known(owner.record), suspicion: nil))
    }

    @Test mutating func aNodeThatBelievesInADeadOwnerIsToldSo() {
        _ = search.begin(lost: owner, .failure(.closed))
        _ = search.failed(.refused)
        #expect(
            search.declined(.ownedBy(owner.record, Epoch(6)))
                == .dial(
                    .placement(excluding: [owner.record.id]), suspicion: .refused(owner.record.identity, Epoch(6))))
    }

    @Test mutating func nodesThatPointAtEachOtherAreNotFollowedForever() {
        _ = search.resolved(nil, isAlive: false)
        var steps = 0
        var step = OwnerSearch.Step.resolve
        repeat {
            step = search.declined(.ownedBy(node(steps % 2 + 1), Epoch(5)))
            steps += 1
        } while steps < 100 && !step.isPause
        #expect(steps < 20)
    }

    @Test mutating func anUnknownDocumentEndsTheSearch() {
        _ = search.resolved(nil, isAlive: false)
        #expect(search.declined(.noSuchDocument) == .giveUp(.noSuchDocument))
    }

    @Test mutating func anUnavailableLogIsTriedAgainAndTold() {
        _ = search.resolved(nil, isAlive: false)
        guard case .pause(_, let message) = search.declined(.unavailable("no PostgreSQL")) else {
            Issue.record("expected a pause")
            return
        }
        #expect(message == "no PostgreSQL")
    }
}

extension OwnerSearch.Step {
    fileprivate var isPause: Bool { if case .pause = self { true } else { false } }
}
