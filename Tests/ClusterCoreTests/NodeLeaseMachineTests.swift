import ClusterCore
import CollabModel
import Testing

@Suite struct NodeLeaseMachineTests {
    /// Two seconds, renewed every half; times below are microseconds.
    private var machine = NodeLeaseMachine(timing: LeaseTiming())

    @Test mutating func aLeaseIsCountedFromBeforeTheRenewalWasSent() {
        #expect(machine.renewed(sentAt: 0, now: 900_000) == .joined)
        #expect(machine.state == .held(untilMicroseconds: 2_000_000))
        #expect(machine.check(now: 1_999_999) == nil)
        #expect(machine.check(now: 2_000_000) == .lapsed)
    }

    @Test mutating func anAnswerThatComesAfterTheTimeToLiveIsNoLease() {
        #expect(machine.renewed(sentAt: 0, now: 2_000_001) == nil)
        #expect(machine.state == .joining)
    }

    @Test mutating func aLapseIsToldOnceAndSoIsTheRecovery() {
        _ = machine.renewed(sentAt: 0, now: 1)
        #expect(machine.check(now: 3_000_000) == .lapsed)
        #expect(machine.check(now: 4_000_000) == nil)
        #expect(machine.renewed(sentAt: 5_000_000, now: 5_000_001) == .recovered)
    }

    @Test mutating func aStoppedProcessThatRenewsFirstThingIsToldThatItHadLapsed() {
        _ = machine.renewed(sentAt: 0, now: 1)
        #expect(machine.renewed(sentAt: 10_000_000, now: 10_000_001) == .recovered)
    }

    @Test mutating func anEarlierLifesLeaseIsWaitedForAndThenTaken() {
        #expect(machine.occupied(by: Incarnation(5), now: 0) == nil)
        #expect(machine.occupied(by: Incarnation(5), now: 2_000_000) == nil)
        #expect(machine.renewed(sentAt: 2_100_000, now: 2_100_001) == .joined)
    }

    @Test mutating func anIdThatIsStillInUseAfterATimeToLiveIsLost() {
        _ = machine.occupied(by: Incarnation(5), now: 0)
        #expect(machine.occupied(by: Incarnation(5), now: 2_500_000) == .lost(to: Incarnation(5)))
        #expect(machine.renewed(sentAt: 3_000_000, now: 3_000_001) == nil)
        #expect(machine.state == .lost(to: Incarnation(5)))
    }

    @Test mutating func aSecondProcessUnderTheIdOfALapsedNodeWins() {
        _ = machine.renewed(sentAt: 0, now: 1)
        _ = machine.check(now: 3_000_000)
        #expect(machine.occupied(by: Incarnation(9), now: 3_500_000) == nil)
        #expect(machine.occupied(by: Incarnation(9), now: 5_999_999) == nil)
        #expect(machine.occupied(by: Incarnation(9), now: 6_000_000) == .lost(to: Incarnation(9)))
    }

    @Test mutating func aLateRenewalOfAnEndedLifeIsWaitedForWithoutTheLease() {
        _ = machine.renewed(sentAt: 0, now: 1)
        #expect(machine.occupied(by: Incarnation(5), now: 500_000) == .lapsed)
        #expect(machine.state == .contested(by: Incarnation(5), untilMicroseconds: 3_000_000))
        #expect(machine.check(now: 2_500_000) == nil)
        #expect(machine.renewed(sentAt: 2_600_000, now: 2_600_001) == .recovered)
        #expect(machine.state == .held(untilMicroseconds: 4_600_000))
    }
}
