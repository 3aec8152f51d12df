import Testing

@testable import ClusterSimulation

@Suite("The scheduler's parts")
struct SchedulerTests {
    @Test("events fire by time, at one time in the order of their adding, and not when they are cancelled")
    func order() {
        var queue = EventQueue()
        var fired: [Int] = []
        let process = SimulatedProcess(number: 1, name: "p")
        func add(_ time: Int64, _ number: Int) -> EventQueue.ID {
            queue.add(at: time, .init(process: process) { fired.append(number) })
        }
        let times: [Int64] = [50, 10, 30, 10, 20, 50, 40, 10]
        let ids = times.enumerated().map { add($1, $0) }
        queue.cancel(ids[3])
        queue.cancel(ids[3])
        while let (_, event) = queue.popFirst() { event?.action() }
        #expect(fired == [1, 7, 4, 2, 6, 0, 5])
        queue.cancel(ids[0])
        #expect(queue.nextTime == nil)
    }

    @Test("a cancelled event's place, given to another one, does not cancel that one")
    func reuse() {
        var queue = EventQueue()
        var fired = 0
        let process = SimulatedProcess(number: 1, name: "p")
        let first = queue.add(at: 1, .init(process: process) { fired += 1 })
        queue.popFirst()?.event?.action()
        _ = queue.add(at: 2, .init(process: process) { fired += 10 })
        queue.cancel(first)
        queue.popFirst()?.event?.action()
        #expect(fired == 11)
    }

    @Test("a clock at another rate never goes back, and its sleeps are as long by its own measure")
    func drift() {
        var time = LocalTime()
        let before = time.monotonic(5_000_000)
        time.setRate(permille: 500, now: 5_000_000)
        #expect(time.monotonic(5_000_000) == before)
        #expect(time.monotonic(7_000_000) == before + 1_000_000)
        #expect(time.virtual(1_000_000) == 2_000_000)
        time.setRate(permille: 3_000, now: 7_000_000)
        #expect(time.monotonic(8_000_000) == before + 4_000_000)
    }

    @Test("a trace hash depends on every word and on their order")
    func trace() {
        func hash(_ words: [UInt64]) -> UInt64 {
            var hash = TraceHash()
            for word in words { hash.add(word) }
            return hash.value
        }
        #expect(hash([1, 2]) == hash([1, 2]))
        #expect(Set([hash([1, 2]), hash([2, 1]), hash([1]), hash([1, 2, 0])]).count == 4)
    }
}
