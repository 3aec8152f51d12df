import CollabModel
import DocumentCore
import Logging
import RuntimePorts

// What an owner did with an operation, as spans below its gateway's.
extension DocumentOwner {
    /// What the machine reads for the stages of operations: nothing when nobody counts or traces them.
    static func stageClock(
        _ clock: any RuntimeClock, _ metrics: any RuntimeMetrics, _ tracer: any OperationTracer
    ) -> (@Sendable () -> Int64)? {
        guard metrics.isOn || tracer.isOn else { return nil }
        return { clock.monotonicMicroseconds() }
    }

    /// Counts what was decided on operations, and traces and logs it where that is asked for.
    func report(_ observation: OwnerObservation) {
        services.metrics.owner(observation)
        if services.tracer.isOn { trace(observation) }
        if services.logger.logLevel <= .debug { log(observation) }
    }

    private func trace(_ observation: OwnerObservation) {
        switch observation {
        case .committed(let operations): for operation in operations { trace(operation) }
        case .rejected(let stage, let code, let trace?): reject(stage, code, trace)
        case .rejected, .duplicate: return
        }
    }

    /// Records the stages of an operation whose trace is recorded, or that was slow here.
    private func trace(_ operation: OwnedOperation) {
        let tracer = services.tracer
        guard let trace = operation.trace,
            trace.isSampled || tracer.isSlow(microseconds: operation.committedAt - operation.receivedAt)
        else { return }
        // The stages have the monotonic clock's times.
        let offset = services.clock.wallMicroseconds() - services.clock.monotonicMicroseconds()
        func record(_ name: OperationSpan.Name, _ start: Int64, _ end: Int64) {
            var span = OperationSpan(
                name, tracer.child(of: trace), parent: trace.spanID, startMicroseconds: start + offset,
                endMicroseconds: max(start, end) + offset)
            span.document = document
            span.client = operation.clientID
            span.version = operation.version
            if name == .transform { span.transformCount = operation.transformCount }
            tracer.record(span)
        }
        record(.transform, operation.startedAt, operation.transformedAt)
        record(.apply, operation.transformedAt, operation.appliedAt)
        record(.persist, operation.appliedAt, operation.committedAt)
    }

    /// Records that an operation was refused, whether or not its trace is recorded.
    private func reject(_ stage: RejectionStage, _ code: ErrorCode, _ trace: TraceContext) {
        let now = services.tracer.wallMicroseconds()
        var span = OperationSpan(
            stage == .transform ? .transform : .apply, services.tracer.child(of: trace), parent: trace.spanID,
            startMicroseconds: now, endMicroseconds: now)
        span.document = document
        span.failure = OperationSpan.Failure(code: code.rawValue, message: "the owner refused the operation")
        services.tracer.record(span)
    }
}
