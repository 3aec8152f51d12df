internal import CollabModel

/// Which traces are recorded.
///
/// A trace that the client began is recorded if the client records it, up to so many in a second; beyond that it is
/// decided like the others. Of those that begin here a share is, decided by
/// the trace id alone, so that every node would decide alike. What turns out slow or fails is recorded as well, by the
/// node that sees it: that node's spans alone, since the others have thrown theirs away.
package struct TraceSampling: Sendable {
    /// The share of traces that are recorded from the beginning, 0 to 1.
    package var ratio: Double
    /// Operations that took longer are recorded anyway; 0: none.
    package var slowMicroseconds: Int64

    package init(ratio: Double, slowMicroseconds: Int64) {
        self.ratio = ratio
        self.slowMicroseconds = slowMicroseconds
    }

    /// Whether a trace that begins here is recorded.
    func takes(_ trace: Identifier128) -> Bool {
        // The lower bits are the random ones (OpenTelemetry's TraceIdRatioBased takes them too).
        Double(trace.low >> 11) < ratio * 0x1p53
    }

    func isSlow(microseconds: Int64) -> Bool { slowMicroseconds > 0 && microseconds >= slowMicroseconds }
}
