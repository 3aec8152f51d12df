import CollabModel
import DocumentCore
import Logging

// What an owner decided on each operation, at `debug`, with the fields of the architecture's logging section. An
// operation's size and kind are logged, never its text.
extension DocumentOwner {
    func log(_ observation: OwnerObservation) {
        switch observation {
        case .committed(let operations): for operation in operations { log(operation) }
        case .rejected(let stage, let code, let trace):
            var metadata: Logger.Metadata = [
                "event": "operation_rejected", "document_id": "\(document)", "status": "\(stage.rawValue)",
                "code": "\(code.rawValue)",
            ]
            if let trace { metadata["trace_id"] = "\(trace.traceIDText)" }
            services.logger.debug("operation rejected", metadata: metadata)
        case .duplicate: return
        }
    }

    private func log(_ operation: OwnedOperation) {
        var metadata: Logger.Metadata = [
            "event": "operation_applied", "document_id": "\(document)", "client_id": "\(operation.clientID)",
            "operation_type": "\(operation.kind.rawValue)", "operation_size": .stringConvertible(operation.bytes),
            "base_version": .stringConvertible(operation.base.value),
            "result_version": .stringConvertible(operation.version.value),
            "transform_count": .stringConvertible(operation.transformCount),
            "latency_ms": .stringConvertible(Double(operation.committedAt - operation.receivedAt) / 1_000),
        ]
        if let trace = operation.trace { metadata["trace_id"] = "\(trace.traceIDText)" }
        services.logger.debug("operation applied", metadata: metadata)
    }
}
