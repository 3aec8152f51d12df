import CollabModel
import DocumentCore
import NIOCore
import RuntimePorts

/// An operation on its way to its ack.
struct InFlight {
    var id: OperationID
    var base: Version
    var since: NIODeadline
    /// `nil`: nothing is traced.
    var trace: OperationTrace?
}

extension SessionHandler {
    /// Records the gateway's span of an operation that has its answer: if its trace is recorded, or it was slow or failed.
    func finish(_ operation: InFlight, _ failure: OperationSpan.Failure? = nil) {
        guard let trace = operation.trace else { return }
        let elapsed = (NIODeadline.now() - operation.since).nanoseconds / 1_000
        let tracer = gateway.tracer
        guard trace.context.isSampled || failure != nil || tracer.isSlow(microseconds: elapsed) else { return }
        let now = tracer.wallMicroseconds()
        var span = OperationSpan(
            .handle, trace.context, parent: trace.parent, startMicroseconds: now - elapsed, endMicroseconds: now)
        span.document = document
        span.client = clientID
        span.version = operation.base
        span.failure = failure
        tracer.record(span)
    }

    /// Records an operation that was refused here.
    func refused(_ id: OperationID?, base: Version?, _ client: TraceContext?, _ code: ErrorCode, _ message: String) {
        guard let id, let trace = gateway.tracer.begin(client) else { return }
        finish(
            InFlight(id: id, base: base ?? .initial, since: heardAt, trace: trace),
            OperationSpan.Failure(code: code.rawValue, message: message))
    }
}

extension OperationTracer {
    /// Records the broadcast of a batch's recorded operations to so many sessions of one event loop.
    func broadcast(_ batch: CommitBatch, of document: DocumentID?, to sessions: Int) {
        let now = wallMicroseconds()
        guard let first = batch.operations.first?.version else { return }
        for trace in batch.traces {
            var span = OperationSpan(
                .broadcast, child(of: trace.context), parent: trace.context.spanID,
                startMicroseconds: batch.committedAtMicroseconds > 0 ? min(batch.committedAtMicroseconds, now) : now,
                endMicroseconds: now)
            span.document = document
            let index = first.distance(to: trace.version)
            if batch.operations.indices.contains(index) { span.client = batch.operations[index].clientID }
            span.version = trace.version
            span.sessions = sessions
            record(span)
        }
    }
}
