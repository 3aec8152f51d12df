internal import Synchronization

/// The spans that wait for their export: bounded, and what does not fit is counted and gone.
package final class SpanQueue: Sendable {
    private struct State {
        var spans: [SpanRecord] = []
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let cells: TracingCells

    init(capacity: Int, cells: TracingCells) {
        self.capacity = capacity
        self.cells = cells
    }

    /// Adds a span, or drops and counts it when the collector has not kept up.
    func add(_ span: SpanRecord) {
        let (waiter, isKept) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
            guard state.spans.count < capacity, !state.isClosed else { return (nil, false) }
            state.spans.append(span)
            defer { state.waiter = nil }
            return (state.waiter, true)
        }
        if !isKept { cells.droppedFull.add() }
        waiter?.resume()
    }

    /// Up to so many spans, the oldest first; empty when none waits.
    func take(_ limit: Int) -> [SpanRecord] {
        state.withLock { state in
            let taken = Array(state.spans.prefix(limit))
            state.spans.removeFirst(taken.count)
            return taken
        }
    }

    var count: Int { state.withLock { $0.spans.count } }

    /// Takes nothing more, and ends every waiting.
    func close() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when there is a span, or `false` when there will be none. One consumer only.
    func whenNotEmpty() async -> Bool {
        while true {
            let (isEmpty, isClosed) = state.withLock { ($0.spans.isEmpty, $0.isClosed) }
            if !isEmpty { return true }
            if isClosed { return false }
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state -> Bool in
                    guard state.spans.isEmpty, !state.isClosed else { return true }
                    state.waiter = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        }
    }
}

/// What is counted of spans.
struct TracingCells: Sendable {
    let exported: CounterCell
    let failures: CounterCell
    let droppedFull: CounterCell
    let droppedFailed: CounterCell
    let droppedTail: CounterCell

    init(_ registry: MetricRegistry) {
        exported = registry.counter("collab_spans_exported_total", "Spans that the collector took.")
        failures = registry.counter(
            "collab_span_export_failures_total", "Requests to the collector that failed or were refused.")
        let dropped = { (reason: String) in
            registry.counter(
                "collab_spans_dropped_total", "Spans that were thrown away, by reason.", labels: [("reason", reason)])
        }
        droppedFull = dropped("queue_full")
        droppedFailed = dropped("export_failed")
        droppedTail = dropped("tail_limit")
    }
}
