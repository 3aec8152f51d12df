internal import CollabModel

// A message with a trace has a tag of its own, so that a message without one is what it was before there were traces:
// a node of an older release understands everything as long as nobody traces.

extension PeerWriter {
    mutating func trace(_ value: TraceContext) {
        identifier(value.traceID)
        fixed64(value.spanID)
        byte(value.flags)
    }
}

extension PeerReader {
    /// The size of a trace in a frame.
    static let traceBytes = 25

    mutating func trace() throws(PeerCodecError) -> TraceContext {
        let trace = try identifier()
        let span = try fixed64()
        let flags = try byte()
        guard trace.high | trace.low != 0, span != 0 else { throw .invalid("a trace") }
        return TraceContext(traceID: trace, spanID: span, flags: flags)
    }
}
