import CollabModel
import Delta
import DocumentCore
import Foundation
import LocalCluster
import PostgresPersistence
import RuntimePorts
import RuntimeTesting
import Synchronization
import Testing

/// Measures appends under adaptive group commit; prints, and passes or fails by nothing but order.
///
/// `COLLAB_BENCHMARK=log swift test -c release --filter LogBenchmark`
@Suite("Log benchmark", .serialized, .enabled(if: ProcessInfo.processInfo.environment["COLLAB_BENCHMARK"] == "log"))
struct LogBenchmark {
    @Test("Appends per second, 100-byte operations, one document per writer, fsync on")
    func appends() async throws {
        print(
            "| lanes | writers | appends/s | p50 ms | p95 ms | max ms | operations per statement | client CPU µs per append |\n|---|---|---|---|---|---|---|---|"
        )
        try await withPostgres { server in
            for lanes in [1, 2] {
                for writers in [1, 50, 500] {
                    try await withStore(
                        server,
                        configure: {
                            $0.lanes = lanes; $0.touchInterval = .seconds(5)
                        }
                    ) { store in
                        try await measure(store, writers: writers, seconds: 1)
                        print(try await measure(store, writers: writers, seconds: 4))
                    }
                }
            }
        }
    }

    @Test("Takeovers and loads beside 500 writers")
    func reads() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 99)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                _ = try await store.append([document.inserts(1_000)], lane: 0)
                async let load = measure(store, writers: 500, seconds: 6)
                var takeovers: [Duration] = []
                var loads: [Duration] = []
                for _ in 0..<300 {
                    var start = ContinuousClock.now
                    try await document.takeOver(in: store, as: source.node("b"))
                    takeovers.append(ContinuousClock.now - start)
                    start = .now
                    _ = try await store.operations(
                        of: document.id, after: .initial, through: Version(1_000), limit: 1_000)
                    loads.append(ContinuousClock.now - start)
                }
                print("takeover \(Percentiles(takeovers)); load of 1,000 operations \(Percentiles(loads))")
                _ = try await load
            }
        }
    }

    @discardableResult
    private func measure(_ store: PostgresStore, writers: Int, seconds: Int) async throws -> String {
        let lanes = (0..<store.lanes).map { GroupCommit(log: store, lane: $0) }
        var source = SampleSource(seed: UInt64(writers))
        source = SampleSource(seed: source.next() ^ UInt64(Date().timeIntervalSince1970 * 1_000))
        let owner = source.node("bench")
        var documents: [SampleDocument] = []
        for _ in 0..<writers {
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: owner)
            documents.append(document)
        }
        let end = ContinuousClock.now + .seconds(seconds)
        let start = ContinuousClock.now
        let processor = processorTime()
        let latencies = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for (index, document) in documents.enumerated() {
                group.addTask {
                    var writer = Writer(document)
                    let lane = lanes[index % lanes.count]
                    var latencies: [Duration] = []
                    while ContinuousClock.now < end {
                        let part = writer.next()
                        let sent = ContinuousClock.now
                        try #require(try await lane.append(part) == .appended)
                        latencies.append(ContinuousClock.now - sent)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = ContinuousClock.now - start
        let spent = (processorTime() - processor) / .microseconds(1) / Double(Swift.max(1, latencies.count))
        let rate = Double(latencies.count) / (elapsed / .seconds(1))
        var batches = 0
        for lane in lanes { batches += await lane.statements }
        let figures = Percentiles(latencies)
        let cells = [
            "\(lanes.count)", "\(writers)", "\(Int(rate))", figures.p50, figures.p95, figures.max,
            "\(latencies.count / Swift.max(1, batches))", String(format: "%.1f", spent),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }
}

/// What this process has used of the processors so far.
private func processorTime() -> Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return .seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + .microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
}

/// Makes a document's next operation without keeping its content, so that the driver costs little.
private struct Writer {
    let document: SampleDocument
    let delta: Delta
    let encoded: [UInt8]
    var version = Version.initial

    init(_ document: SampleDocument) {
        self.document = document
        var delta = Delta()
        delta.retain(7)
        delta.insert(String(repeating: "x", count: 76))
        self.delta = delta
        encoded = delta.jsonUTF8
    }

    mutating func next() -> DocumentAppend {
        version = version.next
        guard let id = OperationID("op-\(version)") else { preconditionFailure() }
        return document.append([
            CommittedOperation(
                version: version, epoch: document.epoch, clientID: document.client, userID: SampleDocument.user,
                operationID: id, delta: delta, encodedDelta: encoded, digest: Digest(rawValue: UInt64(version.value)))
        ])
    }
}

/// Gathers what arrives while a statement is under way into the next one.
private actor GroupCommit {
    private let log: PostgresStore
    private let lane: Int
    private var queue: [(DocumentAppend, CheckedContinuation<AppendOutcome, any Error>)] = []
    private var isRunning = false
    private(set) var statements = 0

    init(log: PostgresStore, lane: Int) {
        self.log = log
        self.lane = lane
    }

    func append(_ part: DocumentAppend) async throws -> AppendOutcome {
        try await withCheckedThrowingContinuation { continuation in
            queue.append((part, continuation))
            guard !isRunning else { return }
            isRunning = true
            Task { await run() }
        }
    }

    private func run() async {
        while !queue.isEmpty {
            let batch = queue
            queue = []
            statements += 1
            do {
                let outcomes = try await log.append(batch.map(\.0), lane: lane)
                for ((_, continuation), outcome) in zip(batch, outcomes) { continuation.resume(returning: outcome) }
            } catch {
                for (_, continuation) in batch { continuation.resume(throwing: error) }
            }
        }
        isRunning = false
    }
}

private struct Percentiles: CustomStringConvertible {
    let p50: String
    let p95: String
    let max: String

    init(_ durations: [Duration]) {
        let sorted = durations.sorted()
        func at(_ share: Double) -> String {
            guard !sorted.isEmpty else { return "-" }
            return String(format: "%.2f", sorted[Int(Double(sorted.count - 1) * share)] / .milliseconds(1))
        }
        p50 = at(0.5)
        p95 = at(0.95)
        max = at(1)
    }

    var description: String { "p50 \(p50) ms, p95 \(p95) ms" }
}
