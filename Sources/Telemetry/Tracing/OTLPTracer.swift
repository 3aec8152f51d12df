package import CollabModel
internal import Synchronization
package import Tracing

/// The swift-distributed-tracing backend: its spans wait in a bounded queue for a ``SpanExporter``.
///
/// A span is recorded if its trace is: decided by the context that it is a child of, or, for the first of a trace, by
/// ``TraceSampling``.
package struct OTLPTracer: Tracer {
    package typealias Span = OTLPSpan

    let queue: SpanQueue
    let cells: TracingCells
    let sampling: TraceSampling
    let ids = TraceIDs()

    init(queue: SpanQueue, cells: TracingCells, sampling: TraceSampling) {
        self.queue = queue
        self.cells = cells
        self.sampling = sampling
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        let above = context()
        let parent = above.traceContext
        var own = above.assignedTraceContext ?? child(of: parent)
        if above.assignedTraceContext == nil, parent == nil { own.isSampled = sampling.takes(own.traceID) }
        var inside = above
        inside.traceContext = own
        inside.assignedTraceContext = nil
        return OTLPSpan(
            operationName, kind: kind, context: inside, own: own, parent: parent?.spanID,
            start: instant().nanosecondsSinceEpoch,
            queue: own.isSampled || above.assignedTraceContext != nil ? queue : nil)
    }

    /// A new span of the trace, or the first of a new trace.
    func child(of parent: TraceContext?) -> TraceContext {
        TraceContext(traceID: parent?.traceID ?? ids.trace(), spanID: ids.span(), flags: parent?.flags ?? 0)
    }

    /// The exporter sends what waits within moments by itself, and nothing here waits for it.
    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier) else { return }
        context.traceContext = TraceContext(traceparent: text)
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.traceparent, forKey: "traceparent", into: &carrier)
    }
}

/// A span of ``OTLPTracer``.
package final class OTLPSpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var events: [SpanEvent] = []
        var status: SpanStatus?
        var isOver = false
    }

    package let context: ServiceContext
    private let own: TraceContext
    private let parent: UInt64?
    private let kind: SpanKind
    private let start: UInt64
    /// `nil`: the span is not recorded.
    private let queue: SpanQueue?
    private let state: Mutex<State>

    /// The most events of a span.
    private static let maximumEvents = 16

    init(
        _ name: String, kind: SpanKind, context: ServiceContext, own: TraceContext, parent: UInt64?, start: UInt64,
        queue: SpanQueue?
    ) {
        self.context = context
        self.own = own
        self.parent = parent
        self.kind = kind
        self.start = start
        self.queue = queue
        state = Mutex(State(name: name))
    }

    package var isRecording: Bool { queue != nil && !state.withLock { $0.isOver } }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

    package func addEvent(_ event: SpanEvent) {
        state.withLock { if $0.events.count < Self.maximumEvents { $0.events.append(event) } }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var all = attributes
        all["exception.type"] = "\(type(of: error))"
        all["exception.message"] = "\(error)"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
    }

    /// Links are not exported: nothing here has several parents.
    package func addLink(_ link: SpanLink) {}

    /// Hands the span over. A second end is ignored.
    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let queue else { return }
        let end = instant().nanosecondsSinceEpoch
        let finished = state.withLock { state -> State? in
            defer { state.isOver = true }
            return state.isOver ? nil : state
        }
        guard let finished else { return }
        let events = finished.events.map {
            SpanRecord.Event(
                name: $0.name, nanoseconds: $0.nanosecondsSinceEpoch, attributes: SpanRecord.attributes($0.attributes))
        }
        queue.add(
            SpanRecord(
                name: finished.name, kind: SpanRecord.kind(kind), context: own, parent: parent, start: start,
                end: max(start, end), attributes: SpanRecord.attributes(finished.attributes), events: events,
                status: SpanRecord.status(finished.status)))
    }
}

extension SpanRecord {
    static func attributes(_ attributes: SpanAttributes) -> Attributes {
        var all: Attributes = []
        attributes.forEach { name, value in
            switch value {
            case .int32(let number): all.append((name, .integer(Int64(number))))
            case .int64(let number): all.append((name, .integer(number)))
            case .double(let number): all.append((name, .number(number)))
            case .bool(let boolean): all.append((name, .boolean(boolean)))
            case .string(let text): all.append((name, .text(text)))
            case .stringConvertible(let value): all.append((name, .text("\(value)")))
            default: all.append((name, .text("\(value)")))
            }
        }
        return all.sorted { $0.name < $1.name }
    }

    static func kind(_ kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    static func status(_ status: SpanStatus?) -> Status {
        guard let status else { return .unset }
        switch status.code {
        case .ok: return .ok
        case .error: return .error(status.message ?? "")
        }
    }
}

private enum TraceContextKey: ServiceContextKey {
    typealias Value = TraceContext
    static let nameOverride: String? = "traceparent"
}

/// The ids that the next span takes instead of new ones: they have travelled with an operation before its span is known.
private enum AssignedTraceContextKey: ServiceContextKey {
    typealias Value = TraceContext
}

extension ServiceContext {
    /// The span that a new one is a child of.
    package var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }

    var assignedTraceContext: TraceContext? {
        get { self[AssignedTraceContextKey.self] }
        set { self[AssignedTraceContextKey.self] = newValue }
    }
}
