package import RuntimePorts

/// Sends one request to a collector and returns its status; throws when it got no answer.
package typealias SpanPost = @Sendable (_ body: [UInt8]) async throws -> UInt

/// Sends spans to a collector in batches: one request at a time, so that a slow collector is asked no more than it can
/// take. What it is too slow for fills the queue, and then is dropped and counted; nobody waits for it.
package struct SpanExporter: Sendable {
    /// How spans are gathered and tried.
    package struct Pace: Sendable {
        /// The largest batch.
        package var batchSpans = 512
        /// How long the first span of a batch waits for others.
        package var gather: Duration = .milliseconds(500)
        /// How often a batch is sent before it is given up.
        package var attempts = 3
        /// The pause before the second attempt; before each later one it is twice as long.
        package var pause: Duration = .seconds(1)
        /// The longest that one request may take, from its beginning to the end of its answer.
        package var answer: Duration = .seconds(5)
        /// The time that is left for what waits when the node ends.
        package var farewell: Duration = .seconds(2)

        package init() {}
    }

    private let queue: SpanQueue
    private let encoding: OTLPEncoding
    private let pace: Pace
    private let clock: any RuntimeClock
    private let cells: TracingCells
    private let post: SpanPost

    /// - Parameters:
    ///   - resource: what is said of the node with every batch.
    ///   - post: must end soon when it is cancelled; that is done after ``Pace/answer``.
    package init(
        _ tracer: NodeTracer, resource: [(name: String, value: String)], version: String, pace: Pace = Pace(),
        clock: any RuntimeClock, post: @escaping SpanPost
    ) {
        queue = tracer.tracer.queue
        cells = tracer.tracer.cells
        encoding = OTLPEncoding(
            resource: resource.map { (name: $0.name, value: .text($0.value)) }, scope: ("collab", version))
        self.pace = pace
        self.clock = clock
        self.post = post
    }

    /// Exports until the task is cancelled; then once more, what waits, within ``Pace/farewell``.
    package func run() async {
        let cutShort = await withTaskCancellationHandler {
            while await queue.whenNotEmpty() {
                if queue.count < pace.batchSpans { try? await clock.sleep(for: pace.gather) }
                if Task.isCancelled { break }
                let left = await export(queue.take(pace.batchSpans))
                if !left.isEmpty || Task.isCancelled { return left }
            }
            return []
        } onCancel: {
            queue.close()
        }
        await sendRest(cutShort)
    }

    /// Sends a batch until its fate is known. Returns the spans whose sending was cut short by cancellation.
    private func export(_ spans: [SpanRecord]) async -> [SpanRecord] {
        guard !spans.isEmpty else { return [] }
        let body = encoding.request(spans)
        var pause = pace.pause
        for attempt in 1...max(1, pace.attempts) {
            switch await send(body) {
            case .taken:
                cells.exported.add(Int64(spans.count))
                return []
            case .refused:
                cells.droppedFailed.add(Int64(spans.count))
                return []
            case .cutShort: return spans
            case .failed: break
            }
            guard attempt < pace.attempts else { break }
            guard (try? await clock.sleep(for: pause)) != nil else { return spans }
            pause *= 2
        }
        cells.droppedFailed.add(Int64(spans.count))
        return []
    }

    private enum Outcome { case taken, failed, refused, cutShort }

    /// What may be tried again is what the protocol says ("Failures"): no answer, 429, 502, 503, 504.
    private func send(_ body: [UInt8]) async -> Outcome {
        guard let status = await answer(to: body) else {
            if Task.isCancelled { return .cutShort }
            cells.failures.add()
            return .failed
        }
        if (200..<300).contains(status) { return .taken }
        cells.failures.add()
        return [429, 502, 503, 504].contains(status) ? .failed : .refused
    }

    /// The collector's status; `nil` when it has not answered to the end in time.
    private func answer(to body: [UInt8]) async -> UInt? {
        await withTaskGroup(of: UInt?.self) { [post, clock, pace] group in
            group.addTask { try? await post(body) }
            group.addTask {
                try? await clock.sleep(for: pace.answer)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// The cancelled task can send nothing any more; a task of its own does, for so long and no longer.
    ///
    /// - Parameter first: a batch whose sending was cut short. It may have arrived all the same: then the collector has it
    ///   twice, with the same ids.
    private func sendRest(_ first: [SpanRecord]) async {
        let sending = Task {
            var spans = first.isEmpty ? queue.take(pace.batchSpans) : first
            while !spans.isEmpty {
                guard !Task.isCancelled, await send(encoding.request(spans)) == .taken else {
                    cells.droppedFailed.add(Int64(spans.count + queue.count))
                    return
                }
                cells.exported.add(Int64(spans.count))
                spans = queue.take(pace.batchSpans)
            }
        }
        let limit = Task { [clock, pace] in
            if (try? await clock.sleep(for: pace.farewell)) != nil { sending.cancel() }
        }
        await sending.value
        limit.cancel()
    }
}
