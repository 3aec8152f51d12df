import Testing

@testable import ClusterRuntime

@Suite struct OwnerValidityTests {
    /// Raised its epoch at 0; two seconds to live. Times are microseconds.
    private var validity = OwnerValidity(timeToLiveMicroseconds: 2_000_000, now: 0)

    @Test mutating func aHeldNodeLeaseVouchesForTheEpoch() {
        for now in stride(from: Int64(0), to: 100_000_000, by: 500_000) {
            let answer1 = validity.look(now: now, leaseHeldUntil: now + 1_500_000)
            #expect(answer1 == .none)
        }
        #expect(!validity.isSuspended)
    }

    @Test mutating func withoutTheLeaseTheEpochIsReadAgainBeforeItsTimeIsOver() {
        let answer2 = validity.look(now: 900_000, leaseHeldUntil: 0)
        #expect(answer2 == .none)
        let answer3 = validity.look(now: 1_100_000, leaseHeldUntil: 0)
        #expect(answer3 == .check)
        let answer4 = validity.look(now: 1_200_000, leaseHeldUntil: 0)
        #expect(answer4 == .none, "one check at a time")
        let answer5 = validity.confirmed(readAt: 1_100_000)
        #expect(!answer5)
        let answer6 = validity.look(now: 2_000_001, leaseHeldUntil: 0)
        #expect(answer6 == .none)
    }

    @Test mutating func anOwnerThatWasStoppedServesNothingUntilItHasLooked() {
        let answer7 = validity.look(now: 10_000_000, leaseHeldUntil: 1_500_000)
        #expect(answer7 == .suspend)
        #expect(validity.isSuspended)
        let answer8 = validity.confirmed(readAt: 10_000_001)
        #expect(answer8, "serving goes on")
        #expect(!validity.isSuspended)
        let answer9 = validity.look(now: 10_000_002, leaseHeldUntil: 1_500_000)
        #expect(answer9 == .none)
    }

    @Test mutating func anOwnerThatAppendsNothingLooksNowAndThenWhateverTheLeaseSays() {
        let idle = OwnerValidity.idleMicroseconds
        let early = validity.beginIdleCheck(now: idle - 1)
        let due = validity.beginIdleCheck(now: idle)
        let again = validity.beginIdleCheck(now: idle + 1)
        #expect([early, due, again] == [false, true, false], "one check at a time")
        _ = validity.confirmed(readAt: idle + 2)
        validity.appended(now: idle + 1_000_000)
        let afterAppend = validity.beginIdleCheck(now: 2 * idle + 999_999)
        let later = validity.beginIdleCheck(now: 2 * idle + 1_000_000)
        #expect([afterAppend, later] == [false, true], "an append shows the epoch too")
    }

    @Test mutating func anAnswerThatIsOldWhenItArrivesVouchesForNothing() {
        let answer10 = validity.look(now: 10_000_000, leaseHeldUntil: 0)
        #expect(answer10 == .suspend)
        _ = validity.confirmed(readAt: 10_000_001)
        let answer11 = validity.look(now: 20_000_000, leaseHeldUntil: 0)
        #expect(answer11 == .suspend)
    }
}
