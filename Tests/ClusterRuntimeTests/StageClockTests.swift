import CollabModel
import RuntimePorts
import Testing

@testable import ClusterRuntime

@Suite struct StageClockTests {
    private struct AnyTracer: OperationTracer {
        var isOn: Bool { true }
        func begin(_ parent: TraceContext?) -> OperationTrace? { nil }
        func child(of context: TraceContext) -> TraceContext { context }
        func isSlow(microseconds: Int64) -> Bool { false }
        func record(_ span: OperationSpan) {}
        func wallMicroseconds() -> Int64 { 0 }
    }

    @Test func theStagesAreTimedOnlyForThoseWhoCountOrTraceThem() {
        let clock = SystemRuntimeClock()
        #expect(DocumentOwner.stageClock(clock, NoRuntimeMetrics(), NoOperationTracer()) == nil)
        #expect(DocumentOwner.stageClock(clock, NoRuntimeMetrics(), AnyTracer()) != nil)
    }
}
