import Testing

@testable import ClusterRuntime

@Suite struct FanOutPaceTests {
    @Test func aFewSessionsAreNeverMadeToWait() {
        var pace = FanOutPace()
        pace.wentOut(to: 5, now: 1_000)
        #expect(pace.wait(now: 1_000) == 0)
    }

    @Test func theMoreSessionsTheLongerCommitsGatherUpToABound() {
        var pace = FanOutPace()
        pace.wentOut(to: 50, now: 1_000)
        let fifty = pace.wait(now: 1_000)
        pace.wentOut(to: 100, now: 1_000)
        #expect(pace.wait(now: 1_000) == 2 * fifty)
        pace.wentOut(to: 100_000, now: 1_000)
        #expect(pace.wait(now: 1_000) == FanOutPace.mostMicroseconds)
    }

    @Test func afterAQuietTimeABatchGoesOutAtOnce() {
        var pace = FanOutPace()
        pace.wentOut(to: 100, now: 1_000)
        #expect(pace.wait(now: 1_000 + FanOutPace.mostMicroseconds) == 0)
    }
}
