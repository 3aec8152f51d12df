import Testing

@testable import ClusterRuntime

@Suite struct FanOutPaceTests {
    /// Sends a batch every `interval` for a second, gathering where it has to; says the waits and how many went out.
    private func run(sessions: Int, intervalMicroseconds interval: Int64) -> (longestWait: Int64, batches: Int) {
        var pace = FanOutPace()
        var now: Int64 = 0
        var longest: Int64 = 0
        var batches = 0
        while now < 1_000_000 {
            let wait = pace.wait(now: now)
            longest = max(longest, wait)
            now += wait
            pace.wentOut(to: sessions, now: now)
            batches += 1
            now += interval
        }
        return (longest, batches)
    }

    @Test func belowTheAllowanceNobodyWaits() {
        #expect(run(sessions: 17, intervalMicroseconds: 4_000).longestWait == 0)
        #expect(run(sessions: 1, intervalMicroseconds: 200).longestWait == 0)
    }

    @Test func aboveItFramesAreHeldToTheAllowance() {
        let (_, batches) = run(sessions: 17, intervalMicroseconds: 500)
        let frames = batches * 17
        #expect(frames > 5_500 && frames < 6_600)
    }

    @Test func howeverManySessionsThereAreCommitsGatherOnlySoLong() {
        #expect(run(sessions: 100_000, intervalMicroseconds: 1).longestWait <= FanOutPace.mostMicroseconds)
    }

    @Test func aBurstAfterAQuietTimeGoesOutAtOnce() {
        var pace = FanOutPace()
        for _ in 0..<5 {
            #expect(pace.wait(now: 10_000_000) == 0)
            pace.wentOut(to: 50, now: 10_000_000)
        }
    }
}
