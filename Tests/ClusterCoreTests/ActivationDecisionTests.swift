import ClusterCore
import CollabModel
import PeerProtocol
import Testing

@Suite struct ActivationDecisionTests {
    private let me = node(1)
    private let other = node(2)

    private func decide(
        lease: (NodeIdentity, Int64)? = nil, logged: (NodeIdentity, Int64)? = nil, members: [NodeRecord],
        trustsAbsence: Bool = true, suspicion: OwnerSuspicion? = nil
    ) -> ActivationDecision {
        ActivationDecision.decide(
            .init(
                me: me.identity, lease: lease.map { ($0.0, Epoch($0.1)) }, logged: logged.map { ($0.0, Epoch($0.1)) },
                view: MembershipView(members: members), trustsAbsence: trustsAbsence, suspicion: suspicion))
    }

    @Test func aDocumentThatNobodyOwnsIsClaimed() {
        #expect(decide(members: [me, other]) == .claim(believed: nil))
    }

    @Test func aLivingOwnerIsLeftAlone() {
        #expect(decide(lease: (other.identity, 3), members: [me, other]) == .decline(other.identity, Epoch(3)))
    }

    @Test func anOwnerWhoseNodeLeaseIsGoneIsSucceeded() {
        #expect(decide(lease: (other.identity, 3), members: [me]) == .claim(believed: Epoch(3)))
    }

    @Test func anotherLifeOfTheOwnersNodeIsNotTheOwner() {
        #expect(decide(lease: (other.identity, 3), members: [me, node(2, life: 2)]) == .claim(believed: Epoch(3)))
    }

    @Test func afterTheStoreWasEmptiedAbsenceProvesNothing() {
        #expect(decide(lease: (other.identity, 3), members: [me], trustsAbsence: false) == .wait)
        #expect(decide(logged: (other.identity, 3), members: [me], trustsAbsence: false) == .wait)
    }

    @Test func anOwnerThatRefusesConnectionsIsSucceededAtOnce() {
        let suspicion = OwnerSuspicion.refused(other.identity, Epoch(3))
        #expect(
            decide(lease: (other.identity, 3), members: [me, other], suspicion: suspicion) == .claim(believed: Epoch(3))
        )
        #expect(
            decide(lease: (other.identity, 3), members: [me], trustsAbsence: false, suspicion: suspicion)
                == .claim(believed: Epoch(3)))
    }

    @Test func aSuspicionOfAnEarlierEpochOrLifeEntitlesToNothing() {
        for suspicion in [
            OwnerSuspicion.refused(other.identity, Epoch(2)), .refused(node(2, life: 9).identity, Epoch(3)),
        ] {
            #expect(
                decide(lease: (other.identity, 3), members: [me, other], suspicion: suspicion)
                    == .decline(other.identity, Epoch(3)))
        }
    }

    @Test func expiryIsCheckedAgainstOnesOwnView() {
        let suspicion = OwnerSuspicion.expired(other.identity, Epoch(3))
        #expect(
            decide(lease: (other.identity, 3), members: [me, other], suspicion: suspicion)
                == .decline(other.identity, Epoch(3)))
        #expect(
            decide(lease: (other.identity, 3), members: [me], suspicion: suspicion) == .claim(believed: Epoch(3)))
    }

    @Test func withoutALeaseALivingNodeThatTheLogNamesIsAskedFirst() {
        #expect(decide(logged: (other.identity, 4), members: [me, other]) == .ask(other.identity))
        #expect(
            decide(
                logged: (other.identity, 4), members: [me, other], suspicion: .refused(other.identity, Epoch(4)))
                == .claim(believed: Epoch(4)))
    }

    @Test func onesOwnUnfinishedClaimIsFinished() {
        #expect(decide(lease: (me.identity, 4), members: [me, other]) == .claim(believed: Epoch(4)))
        #expect(decide(lease: (node(1, life: 9).identity, 4), members: [me, other]) == .claim(believed: Epoch(4)))
    }
}
