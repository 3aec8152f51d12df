import HTTP2PeerTransport
import Testing

@Suite("Heartbeats")
struct HeartbeatMonitorTests {
    private let times = HeartbeatTimes()

    private func monitor() -> HeartbeatMonitor { HeartbeatMonitor(times: times, now: .zero) }

    @Test("Bytes before each tick keep a connection from falling silent")
    func heard() {
        var monitor = monitor()
        for tick in 1...100 {
            #expect(monitor.heard() == .unchanged)
            #expect(monitor.tick(now: .milliseconds(250 * tick)) == .unchanged)
        }
    }

    @Test("A second without a byte is silence, told once; ten are the end")
    func silence() {
        var monitor = monitor()
        var verdicts: [Int: HeartbeatMonitor.Verdict] = [:]
        for tick in 1...40 {
            let verdict = monitor.tick(now: .milliseconds(250 * tick))
            if verdict != .unchanged { verdicts[250 * tick] = verdict }
        }
        #expect(verdicts == [1_000: .silent, 10_000: .abandon])
    }

    @Test("A byte after silence is told at once, and the count starts again")
    func back() {
        var monitor = monitor()
        for tick in 1...4 { _ = monitor.tick(now: .milliseconds(250 * tick)) }
        #expect(monitor.isSilent)
        #expect(monitor.heard() == .heard)
        #expect(monitor.tick(now: .milliseconds(1_250)) == .unchanged)
        for tick in 6...8 { #expect(monitor.tick(now: .milliseconds(250 * tick)) == .unchanged) }
        #expect(monitor.tick(now: .milliseconds(2_250)) == .silent)
    }

    @Test("A pause of this process is not taken for the peer's silence")
    func ownPause() {
        var monitor = monitor()
        #expect(monitor.tick(now: .milliseconds(250)) == .unchanged)
        // Stopped for a minute: what the peer sent meanwhile is read after this tick.
        #expect(monitor.tick(now: .seconds(60)) == .unchanged)
        #expect(monitor.heard() == .unchanged)
    }
}
