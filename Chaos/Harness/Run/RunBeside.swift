internal import CollabModel
internal import LocalCluster
internal import NIOCore
internal import Nemeses
internal import Randomness

/// What goes on beside the typing and the faults of a run: clients lose their connection, the log is looked at, content
/// is read, and a person is told how it goes.
struct RunBeside: Sendable {
    let stage: Stage
    let load: ChaosLoad
    let recorder: HistoryRecorder
    let api: ChaosAPI
    let halt: Halt
    let tell: @Sendable (String) -> Void

    func run(_ workload: Workload, from start: NIODeadline, seed: UInt64) async {
        var seeds = SplitMix64(seed: seed)
        await withTaskGroup(of: Void.self) { group in
            for number in load.reconnecting {
                let seed = seeds.next()
                group.addTask { await reconnect(number, every: workload.reconnectEvery, seed: seed) }
            }
            group.addTask { await readHeads() }
            let seed = seeds.next()
            group.addTask { await readContents(seed: seed) }
            group.addTask { await tellProgress(from: start) }
        }
    }

    /// Closes or resets the connection of one client, again and again.
    private func reconnect(_ number: Int, every interval: Duration, seed: UInt64) async {
        var random = SplitMix64(seed: seed)
        let links = await stage.proxy.links.filter { $0.from == "client-\(number)" }
        let middle = max(2, Int64(interval / .milliseconds(1)))
        while await halt.wait(
            until: .now() + .milliseconds(Int64.random(in: middle / 2...middle * 3 / 2, using: &random)))
        {
            if Bool.random(using: &random) {
                await stage.proxy.drop(links)
            } else {
                await stage.proxy.reset(links)
            }
        }
    }

    private func readHeads() async {
        let log = LogReading(postgres: stage.cluster.postgres, recorder: recorder)
        var reading = 0
        while await halt.wait(until: .now() + .seconds(2)) {
            reading += 1
            // PostgreSQL may be the very thing that is gone.
            try? await log.readHeads(of: load.documents, as: reading)
        }
    }

    private func readContents(seed: UInt64) async {
        var random = SplitMix64(seed: seed)
        while await halt.wait(until: .now() + .milliseconds(Int64.random(in: 1_000...3_000, using: &random))) {
            guard let document = load.documents.randomElement(using: &random),
                let node = await stage.cluster.nodes.randomElement(using: &random)
            else { continue }
            await api.read(document, at: node)
        }
    }

    private func tellProgress(from start: NIODeadline) async {
        var second = 0
        while true {
            second += 5
            let since = HistoryRecorder.now
            guard await halt.wait(until: start + .seconds(Int64(second))) else { return }
            let latencies = load.figures.acks(since: since).map(\.latency).sorted()
            let rate = Double(latencies.count) / max(0.001, Double(HistoryRecorder.now - since) / 1e6)
            let figures = [0.5, 0.99].map { latencies.percentile($0).map { (Double($0) / 1e3).padded(1) } ?? "-" }
            tell(
                "\(Double(second).padded(2, width: 8)) s  \(load.figures.counts.acknowledged) operations, "
                    + "\(Int(rate))/s, ack p50 \(figures[0]) ms, p99 \(figures[1]) ms")
        }
    }
}
