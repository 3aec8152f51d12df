import CollabModel
import Foundation
import RuntimePorts
import Synchronization
import Testing
import Tracing

@testable import Telemetry

@Suite("Traces")
struct TracingTests {
    private let client = TraceContext(
        traceID: Identifier128(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c), spanID: 0xb7ad_6b71_6920_3331,
        flags: 1)

    /// A collector that answers as it is told.
    private final class Collector: Sendable {
        let bodies = Mutex<[[UInt8]]>([])
        let statuses: Mutex<[UInt]>

        /// - Parameter statuses: of the first answers; 0 is none, and 200 is the answer to all after them.
        init(_ statuses: [UInt] = []) { self.statuses = Mutex(statuses) }

        struct NoAnswer: Error {}

        @Sendable func post(_ body: [UInt8]) async throws -> UInt {
            let status = statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
            guard status != 0 else { throw NoAnswer() }
            bodies.withLock { $0.append(body) }
            return status
        }

        /// The spans of all requests that were answered.
        func spans() throws -> [[String: Any]] {
            try bodies.withLock { $0 }.flatMap { body -> [[String: Any]] in
                let object = try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
                let resources = try #require(object["resourceSpans"] as? [[String: Any]])
                return resources.flatMap { $0["scopeSpans"] as? [[String: Any]] ?? [] }
                    .flatMap { $0["spans"] as? [[String: Any]] ?? [] }
            }
        }
    }

    /// A clock whose sleeps are what a test says; without more, over at once but for the bound of a request.
    private struct HurryingClock: RuntimeClock {
        var sleeping: @Sendable (Duration) async throws -> Void = { duration in
            try Task.checkCancellation()
            if duration >= SpanExporter.Pace().answer { try await Self.untilCancelled() }
        }

        var monotonic: @Sendable () -> Int64 = { 0 }

        func monotonicMicroseconds() -> Int64 { monotonic() }
        func wallMicroseconds() -> Int64 { FixedClock.wall }
        func sleep(for duration: Duration) async throws { try await sleeping(duration) }

        @Sendable static func untilCancelled(_ duration: Duration = .zero) async throws {
            let (never, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            withExtendedLifetime(continuation) {}
            throw CancellationError()
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        /// 1 at first.
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    private func tracer(
        _ metrics: NodeMetrics, ratio: Double = 0, slow: Int64 = 0, queued: Int = 100
    ) -> NodeTracer {
        NodeTracer(
            TraceSampling(ratio: ratio, slowMicroseconds: slow), metrics: metrics, clock: HurryingClock(),
            queuedSpans: queued)
    }

    private func span(_ trace: OperationTrace, failure: OperationSpan.Failure? = nil) -> OperationSpan {
        var span = OperationSpan(
            .handle, trace.context, parent: trace.parent, startMicroseconds: 1_000, endMicroseconds: 3_500)
        span.document = DocumentID(Identifier128(high: 1, low: 2))
        span.version = Version(7)
        span.failure = failure
        return span
    }

    /// Exports what waits, and ends.
    private func export(_ tracer: NodeTracer, to collector: Collector, batch: Int = 512) async {
        var pace = SpanExporter.Pace()
        pace.batchSpans = batch
        let exporter = SpanExporter(
            tracer, resource: [("service.name", "collab")], version: "1", pace: pace, clock: HurryingClock(),
            post: collector.post)
        tracer.tracer.queue.close()
        await exporter.run()
    }

    private func value(_ metrics: NodeMetrics, _ name: String) -> Double? {
        let lines = String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix(name) }?.split(separator: " ").last.flatMap { Double($0) }
    }

    @Test("a client's trace goes on: the same trace, a span of its own below the client's, sampled as the client does")
    func parentBased() throws {
        let tracer = tracer(try nodeMetrics("n"), ratio: 0)
        let begun = try #require(tracer.begin(client))
        #expect(begun.context.traceID == client.traceID && begun.context.spanID != client.spanID)
        #expect(begun.parent == client.spanID && begun.context.isSampled)
        var unsampled = client
        unsampled.isSampled = false
        #expect(try #require(tracer.begin(unsampled)).context.isSampled == false)
    }

    @Test("beyond a bound the ratio decides about the traces that clients record")
    func asked() throws {
        let now = Mutex<Int64>(0)
        for (ratio, beyond) in [(0.0, 0), (1.0, 1_000)] {
            let tracer = NodeTracer(
                TraceSampling(ratio: ratio, slowMicroseconds: 0), metrics: try nodeMetrics("n"),
                clock: HurryingClock(monotonic: { now.withLock { $0 } }))
            let sampled = { (0..<1_000).count { _ in tracer.begin(client)?.context.isSampled == true } }
            let (perSecond, atOnce) = NodeTracer.askedTraces
            #expect(sampled() == max(Int(atOnce), beyond))
            #expect(sampled() == beyond)
            now.withLock { $0 += 1_000_000 }
            #expect(sampled() == max(Int(perSecond), beyond))
        }
    }

    @Test("the share of new traces that are recorded is the ratio")
    func ratio() throws {
        for (ratio, expected) in [(0.0, 0...0), (0.1, 850...1_150), (1.0, 10_000...10_000)] {
            let tracer = tracer(try nodeMetrics("n"), ratio: ratio)
            let sampled = (0..<10_000).count { _ in tracer.begin(nil)?.context.isSampled == true }
            #expect(expected.contains(sampled), "ratio \(ratio) took \(sampled)")
        }
    }

    @Test("a span is exported in OTLP's JSON, with its place in the trace, its attributes and its error")
    func encoding() async throws {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics)
        let begun = try #require(tracer.begin(client))
        tracer.record(span(begun, failure: .init(code: "too_large", message: "too long")))
        let collector = Collector()
        await export(tracer, to: collector)
        let found = try #require(try collector.spans().first)
        #expect(found["traceId"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(found["spanId"] as? String == begun.context.spanIDText)
        #expect(found["parentSpanId"] as? String == "b7ad6b7169203331")
        #expect(found["name"] as? String == "handle_operation")
        #expect(found["kind"] as? Int == 2)
        #expect(found["startTimeUnixNano"] as? String == "1000000")
        #expect(found["endTimeUnixNano"] as? String == "3500000")
        let attributes = try #require(found["attributes"] as? [[String: Any]])
        let version = attributes.first { $0["key"] as? String == "operation.version" }?["value"] as? [String: String]
        #expect(version == ["intValue": "7"])
        #expect(attributes.contains { $0["key"] as? String == "document.id" })
        let status = try #require(found["status"] as? [String: Any])
        #expect(status["code"] as? Int == 2 && status["message"] as? String == "too long")
        let events = try #require(found["events"] as? [[String: Any]])
        #expect(events.map { $0["name"] as? String } == ["exception"])
        #expect(value(metrics, "collab_spans_exported_total") == 1)
    }

    @Test("what the collector is too slow for is dropped and counted, and the queue keeps its bound")
    func bounded() async throws {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics, queued: 10)
        for _ in 0..<25 { tracer.record(span(try #require(tracer.begin(client)))) }
        #expect(tracer.tracer.queue.count == 10)
        #expect(value(metrics, #"collab_spans_dropped_total{server_id="n",reason="queue_full"}"#) == 15)
        let collector = Collector()
        await export(tracer, to: collector, batch: 4)
        #expect(try collector.spans().count == 10)
        #expect(collector.bodies.withLock { $0.count } == 3)
    }

    @Test("an absent collector is tried again, and a batch that it never takes is given up and counted")
    func absent() async throws {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics)
        tracer.record(span(try #require(tracer.begin(client))))
        await export(tracer, to: Collector([0, 503, 0]))
        #expect(value(metrics, "collab_spans_exported_total") == 0)
        #expect(value(metrics, "collab_span_export_failures_total") == 3)
        #expect(value(metrics, #"collab_spans_dropped_total{server_id="n",reason="export_failed"}"#) == 1)
    }

    @Test("a collector that never ends its answer is given up, and the next batch is sent", .timeLimit(.minutes(1)))
    func endless() async throws {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics)
        for _ in 0..<2 { tracer.record(span(try #require(tracer.begin(client)))) }
        var pace = SpanExporter.Pace()
        pace.batchSpans = 1
        pace.attempts = 1
        // The bound of the first request is over at once; that of the second is not.
        let bounds = Counter()
        let clock = HurryingClock(sleeping: { [pace] duration in
            if duration == pace.answer, bounds.next() > 1 { try await HurryingClock.untilCancelled() }
        })
        let requests = Counter()
        let collector = Collector()
        let exporter = SpanExporter(tracer, resource: [], version: "1", pace: pace, clock: clock) { body in
            if requests.next() == 1 { try await HurryingClock.untilCancelled() }
            return try await collector.post(body)
        }
        tracer.tracer.queue.close()
        await exporter.run()
        #expect(value(metrics, "collab_span_export_failures_total") == 1)
        #expect(value(metrics, "collab_spans_exported_total") == 1)
    }

    /// Runs an exporter until it waits at `place`, cancels it there, and says what became of two spans.
    private func cancelled(_ place: Place) async throws -> (exported: Double?, failed: Double?, spans: Int) {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics)
        for _ in 0..<2 { tracer.record(span(try #require(tracer.begin(client)))) }
        let pace = SpanExporter.Pace()
        let (reached, reach) = AsyncStream.makeStream(of: Void.self)
        let clock = HurryingClock(sleeping: { [pace] duration in
            if place == .gathering && duration == pace.gather || place == .pausing && duration == pace.pause {
                reach.yield()
            } else if duration < pace.farewell {
                return
            }
            try await HurryingClock.untilCancelled()
        })
        let requests = Counter()
        let collector = Collector(place == .pausing ? [503] : [])
        let exporter = SpanExporter(tracer, resource: [], version: "1", pace: pace, clock: clock) { body in
            if place == .sending, requests.next() == 1 {
                reach.yield()
                try await HurryingClock.untilCancelled()
            }
            // As a client does.
            try Task.checkCancellation()
            return try await collector.post(body)
        }
        let run = Task { await exporter.run() }
        for await _ in reached { break }
        run.cancel()
        await run.value
        return (
            value(metrics, "collab_spans_exported_total"),
            value(metrics, #"collab_spans_dropped_total{server_id="n",reason="export_failed"}"#),
            try collector.spans().count
        )
    }

    /// Where an exporter may be when its node ends.
    enum Place: CaseIterable { case gathering, sending, pausing }

    @Test(
        "what waits when the node ends is sent, wherever the exporter is", .timeLimit(.minutes(1)),
        arguments: Place.allCases)
    func farewell(_ place: Place) async throws {
        let outcome = try await cancelled(place)
        #expect(outcome.exported == 2 && outcome.failed == 0)
        // The collector that was busy has been sent them before.
        #expect(outcome.spans == (place == .pausing ? 4 : 2))
    }

    @Test("a batch that is refused for what it is, is not sent again; one that meets a busy collector is")
    func refused() async throws {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics)
        for _ in 0..<2 { tracer.record(span(try #require(tracer.begin(client)))) }
        let collector = Collector([400, 429, 200])
        await export(tracer, to: collector, batch: 1)
        #expect(collector.bodies.withLock { $0.count } == 3)
        #expect(value(metrics, "collab_spans_exported_total") == 1)
        #expect(value(metrics, #"collab_spans_dropped_total{server_id="n",reason="export_failed"}"#) == 1)
    }

    @Test("slow and failed operations of traces that are not recorded are recorded, up to a bound")
    func tail() throws {
        let metrics = try nodeMetrics("n")
        let tracer = tracer(metrics, slow: 2_000, queued: 10_000)
        #expect(!tracer.isSlow(microseconds: 1_999) && tracer.isSlow(microseconds: 2_000))
        for _ in 0..<250 { tracer.record(span(try #require(tracer.begin(nil)))) }
        #expect(tracer.tracer.queue.count == 200)
        #expect(value(metrics, #"collab_spans_dropped_total{server_id="n",reason="tail_limit"}"#) == 50)
    }

    @Test("a span of another part of the program joins the trace through swift-distributed-tracing")
    func library() async throws {
        let tracer = tracer(try nodeMetrics("n"), ratio: 1)
        tracer.tracer.withSpan("above") { above in
            tracer.tracer.withSpan("below", context: above.context) { _ in }
        }
        let collector = Collector()
        await export(tracer, to: collector)
        let spans = try collector.spans()
        #expect(spans.map { $0["name"] as? String } == ["below", "above"])
        #expect(spans[0]["parentSpanId"] as? String == spans[1]["spanId"] as? String)
        #expect(spans[0]["traceId"] as? String == spans[1]["traceId"] as? String)
    }
}
