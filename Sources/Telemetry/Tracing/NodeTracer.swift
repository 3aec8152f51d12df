package import CollabModel
package import RuntimePorts
internal import Synchronization
internal import Tracing

/// Records the spans of operations through swift-distributed-tracing.
///
/// Spans of sampled traces are recorded by every node that the operation passes. A slow or failed one that is not
/// sampled is recorded by each node that finds it slow, under the ids that travelled with it: so the spans fit together,
/// but those of a node to which it did not look slow are missing. Their number is bounded, so that an outage, in which
/// everything is slow, does not cost more than it must. So is the number of traces that are recorded because the client
/// records them: anybody may ask for it.
package final class NodeTracer: OperationTracer {
    package let tracer: OTLPTracer
    private let clock: any RuntimeClock
    private let tail: Mutex<Bucket>
    private let asked: Mutex<Bucket>

    /// Spans of traces that are not sampled.
    private static let tailSpans = (perSecond: 50.0, atOnce: 200.0)
    /// Traces that are recorded because the client records them.
    static let askedTraces = (perSecond: 20.0, atOnce: 100.0)
    /// The most spans that wait for the collector.
    package static let queuedSpans = 8_192

    /// - Parameter metrics: counts what is exported and dropped.
    package init(
        _ sampling: TraceSampling, metrics: NodeMetrics, clock: any RuntimeClock, queuedSpans: Int = queuedSpans
    ) {
        let cells = metrics.tracing
        tracer = OTLPTracer(
            queue: SpanQueue(capacity: queuedSpans, cells: cells), cells: cells, sampling: sampling)
        self.clock = clock
        let now = clock.monotonicMicroseconds()
        tail = Mutex(Bucket(tokens: Self.tailSpans.atOnce, filledAt: now))
        asked = Mutex(Bucket(tokens: Self.askedTraces.atOnce, filledAt: now))
    }

    package var isOn: Bool { true }

    package func begin(_ parent: TraceContext?) -> OperationTrace? {
        var context = tracer.child(of: parent)
        if parent == nil || context.isSampled && !take(asked, Self.askedTraces) {
            context.isSampled = tracer.sampling.takes(context.traceID)
        }
        return OperationTrace(context: context, parent: parent?.spanID)
    }

    package func child(of context: TraceContext) -> TraceContext { tracer.child(of: context) }

    package func isSlow(microseconds: Int64) -> Bool { tracer.sampling.isSlow(microseconds: microseconds) }

    package func wallMicroseconds() -> Int64 { clock.wallMicroseconds() }

    package func record(_ operation: OperationSpan) {
        guard operation.context.isSampled || take(tail, Self.tailSpans) else { return tracer.cells.droppedTail.add() }
        var above = ServiceContext.topLevel
        if let parent = operation.parent {
            var context = operation.context
            context.spanID = parent
            above.traceContext = context
        }
        above.assignedTraceContext = operation.context
        let kind: SpanKind = operation.name == .handle ? .server : .internal
        let span = tracer.startSpan(
            operation.name.rawValue, context: above, ofKind: kind, at: Instant(operation.startMicroseconds))
        span.updateAttributes { attributes in
            if let document = operation.document { attributes["document.id"] = document.description }
            if let client = operation.client { attributes["client.id"] = client.description }
            if let version = operation.version { attributes["operation.version"] = version.value }
            if let count = operation.transformCount { attributes["transform.count"] = Int64(count) }
            if let sessions = operation.sessions { attributes["broadcast.sessions"] = Int64(sessions) }
        }
        if let failure = operation.failure {
            span.recordError(Refused(failure: failure), attributes: [:], at: Instant(operation.endMicroseconds))
            span.updateAttributes { $0["error.type"] = failure.code }
            span.setStatus(SpanStatus(code: .error, message: failure.message))
        } else {
            span.setStatus(SpanStatus(code: .ok))
        }
        span.end(at: Instant(operation.endMicroseconds))
    }

    private struct Bucket {
        var tokens: Double
        /// Monotonic microseconds.
        var filledAt: Int64
    }

    private func take(_ bucket: borrowing Mutex<Bucket>, _ rate: (perSecond: Double, atOnce: Double)) -> Bool {
        let now = clock.monotonicMicroseconds()
        return bucket.withLock { bucket in
            let filled = bucket.tokens + Double(now - bucket.filledAt) * 1e-6 * rate.perSecond
            bucket = Bucket(tokens: min(rate.atOnce, filled), filledAt: now)
            guard bucket.tokens >= 1 else { return false }
            bucket.tokens -= 1
            return true
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        var failure: OperationSpan.Failure
        var description: String { "\(failure.code): \(failure.message)" }
    }

    private struct Instant: TracerInstant {
        let nanosecondsSinceEpoch: UInt64
        init(_ microseconds: Int64) { nanosecondsSinceEpoch = UInt64(max(0, microseconds)) * 1_000 }
        static func < (left: Instant, right: Instant) -> Bool {
            left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
        }
    }
}
