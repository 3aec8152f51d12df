package import CollabModel

/// One finished span of an operation's way: what it was, when, and in which trace.
package struct OperationSpan: Sendable, Hashable {
    /// The names of the architecture's tracing section.
    package enum Name: String, Sendable, Hashable, CaseIterable {
        /// At the gateway, from the operation's arrival until its ack was handed to the socket.
        case handle = "handle_operation"
        /// At the owner, over the operations that it did not know of.
        case transform = "transform_operation"
        /// At the owner, ahead of the commit.
        case apply = "apply_operation"
        /// At the owner, from applied until the owner learnt that it is durable.
        case persist = "persist_operation"
        /// At each node with other sessions of the document, from durable until handed to their sockets.
        case broadcast = "broadcast_operation"
    }

    /// Why an operation was not applied.
    package struct Failure: Sendable, Hashable {
        package var code: String
        /// For people; without text of the document.
        package var message: String
        package init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    package var name: Name
    /// The trace, and the span's own id in it.
    package var context: TraceContext
    /// The span above; `nil` for the first of a trace.
    package var parent: UInt64?
    /// Since 1970.
    package var startMicroseconds: Int64
    package var endMicroseconds: Int64
    package var document: DocumentID?
    package var client: ClientID?
    /// The base of what the client sent, at the gateway; what it became, elsewhere.
    package var version: Version?
    package var transformCount: Int?
    /// To how many sessions a broadcast went.
    package var sessions: Int?
    package var failure: Failure?

    package init(
        _ name: Name, _ context: TraceContext, parent: UInt64?, startMicroseconds: Int64, endMicroseconds: Int64
    ) {
        self.name = name
        self.context = context
        self.parent = parent
        self.startMicroseconds = startMicroseconds
        self.endMicroseconds = endMicroseconds
    }
}

/// An operation's trace as its gateway begins it.
package struct OperationTrace: Sendable, Hashable {
    /// Travels with the operation: its span id is that of the gateway's span.
    package var context: TraceContext
    /// The client's span, where it named one.
    package var parent: UInt64?

    package init(context: TraceContext, parent: UInt64?) {
        self.context = context
        self.parent = parent
    }
}

/// Where the parts of a node report the spans of operations. Called on hot paths: never blocks.
package protocol OperationTracer: Sendable {
    /// Whether anything is traced at all.
    var isOn: Bool { get }
    /// Begins the trace of an operation, as a part of the client's trace where it named one, and decides whether it is
    /// recorded from the beginning. `nil`: nothing is traced.
    func begin(_ parent: TraceContext?) -> OperationTrace?
    /// A new span of the same trace.
    func child(of context: TraceContext) -> TraceContext
    /// Whether what took so long is recorded although its trace is not.
    func isSlow(microseconds: Int64) -> Bool
    /// Records a span: of a sampled trace, or of one that turned out slow or failed.
    func record(_ span: OperationSpan)
    /// Microseconds since 1970, by the clock of the spans.
    func wallMicroseconds() -> Int64
}

/// Traces nothing.
package struct NoOperationTracer: OperationTracer {
    package init() {}
    package var isOn: Bool { false }
    package func begin(_ parent: TraceContext?) -> OperationTrace? { nil }
    package func child(of context: TraceContext) -> TraceContext { context }
    package func isSlow(microseconds: Int64) -> Bool { false }
    package func record(_ span: OperationSpan) {}
    package func wallMicroseconds() -> Int64 { 0 }
}
