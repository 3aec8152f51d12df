import CollabModel
import DocumentCore
import RuntimePorts
import SessionProtocol
import Synchronization
import Testing
import WebSocketGateway

@Suite struct SessionTraceTests {
    /// Begins a trace of its own for every operation, and keeps the spans.
    private final class KeepingTracer: OperationTracer {
        private let begun = Mutex<UInt64>(0)
        let spans = Mutex<[OperationSpan]>([])

        var isOn: Bool { true }
        func begin(_ parent: TraceContext?) -> OperationTrace? {
            let number = begun.withLock { begun in
                begun += 1
                return begun
            }
            let id = Identifier128(high: 1, low: number)
            return OperationTrace(context: TraceContext(traceID: id, spanID: number, flags: 1), parent: nil)
        }
        func child(of context: TraceContext) -> TraceContext { context }
        func isSlow(microseconds: Int64) -> Bool { false }
        func record(_ span: OperationSpan) { spans.withLock { $0.append(span) } }
        func wallMicroseconds() -> Int64 { 0 }
    }

    @Test func `a repeat of the operation in flight belongs to the trace whose span is recorded`() async throws {
        let tracer = KeepingTracer()
        try await withEdge(tracer: tracer) { edge in
            let (socket, session) = try await edge.session()
            var traces: [TraceContext] = []
            for id in ["a", "a", "b"] {
                try await socket.send(
                    #"{"type":"operation","operationId":"\#(id)","version":3,"operation":[{"insert":"x"}]}"#)
                _ = await session.next()
                traces.append(try #require(session.lastTrace.withLock { $0 }))
            }
            #expect(traces[0] == traces[1])
            #expect(traces[0].traceID != traces[2].traceID)
            session.outbox.send(.commits([committed(4, session.request.clientID, "a")]))
            _ = try await socket.text()
            #expect(tracer.spans.withLock { $0.map(\.context) } == [traces[1]])
        }
    }
}
