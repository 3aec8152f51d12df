import CollabModel
import Testing

@testable import Telemetry

@Suite("Histograms")
struct HistogramTests {
    @Test("whatever threads count at once, nothing is lost, and every scrape in between is consistent")
    func concurrency() async {
        let cell = HistogramCell(bounds: [1, 2, 3])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<6 {
                group.addTask { for turn in 0..<20_000 { cell.observe(Double((turn + task) % 4) + 0.5) } }
            }
            group.addTask {
                var last: UInt64 = 0
                for _ in 0..<500 {
                    let snapshot = cell.snapshot
                    #expect(snapshot.count >= last)
                    last = snapshot.count
                }
            }
        }
        #expect(cell.snapshot.counts == [30_000, 30_000, 30_000, 30_000])
        #expect(cell.snapshot.sum == 240_000)
    }
}
