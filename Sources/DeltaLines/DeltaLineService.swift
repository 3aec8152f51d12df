import Delta
import EditingTraces
import JSON

/// Answers one JSON object a line with one JSON object a line, so that other implementations of the algebra can be
/// compared with this one.
///
/// | `op` | members | `result` |
/// |---|---|---|
/// | `compose` | `a`, `b` | `b` after `a` |
/// | `transform` | `a`, `b`, `priority` | `b` over `a` |
/// | `invert` | `a`, `doc` | what undoes `a` on `doc` |
/// | `diff` | `a`, `b` | what makes `b` of `a` |
/// | `apply` | `doc`, `a` | the document after `a`, refused as an owner refuses it |
/// | `transformPosition` | `a`, `index`, `priority` | where the position is after `a` |
/// | `replay` | `file` | the figures of a replayed trace |
///
/// What cannot be answered is answered with `{"error": {"code", "message"}}`, whose codes are those of the client
/// protocol.
package struct DeltaLineService: Sendable {
    /// Tells the time for the figures of a replay.
    private let clock: @Sendable () -> Duration

    /// Makes a service; the clock says how much time has passed since some moment.
    package init(clock: @escaping @Sendable () -> Duration) { self.clock = clock }

    /// The answer to a line, without a line feed.
    package func answer(_ line: [UInt8]) -> [UInt8] {
        do throws(DeltaLineError) {
            let request = try DeltaLineRequest(line)
            var writer = JSONWriter(capacity: 256)
            writer.beginObject()
            writer.key("result")
            try write(request, to: &writer)
            writer.endObject()
            return writer.bytes
        } catch {
            return Self.answer(error)
        }
    }

    /// The answer that says what went wrong.
    package static func answer(_ error: DeltaLineError) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.string(error.code)
        writer.key("message")
        writer.string(error.message)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private func write(_ request: DeltaLineRequest, to writer: inout JSONWriter) throws(DeltaLineError) {
        switch request.op {
        case "compose":
            try writeDelta(to: &writer) { () throws(DeltaError) in
                try request.delta("a").compose(request.delta("b"), embeds: .none)
            }
        case "transform":
            let priority = try request.flag("priority")
            try writeDelta(to: &writer) { () throws(DeltaError) in
                try request.delta("a").transform(request.delta("b"), priority: priority, embeds: .none)
            }
        case "invert":
            try writeDelta(to: &writer) { () throws(DeltaError) in
                try request.delta("a").invert(request.delta("doc"), embeds: .none)
            }
        case "diff":
            try writeDelta(to: &writer) { () throws(DeltaError) in try request.delta("a").diff(request.delta("b")) }
        case "apply": try apply(request).write(to: &writer)
        case "transformPosition":
            let operation = try Self.invalid { () throws(DeltaError) in try request.delta("a") }
            writer.int(operation.transformPosition(try request.index("index"), priority: try request.flag("priority")))
        case "replay": try replay(request, to: &writer)
        default: throw .protocolError("unknown op")
        }
    }

    private func writeDelta(
        to writer: inout JSONWriter, _ body: () throws(DeltaError) -> Delta
    ) throws(DeltaLineError) {
        try Self.invalid(body).write(to: &writer)
    }

    private static func invalid<Result>(
        _ body: () throws(DeltaError) -> Result
    ) throws(DeltaLineError) -> Result {
        do { return try body() } catch { throw .invalidOperation("\(error)") }
    }

    private func apply(_ request: DeltaLineRequest) throws(DeltaLineError) -> DocumentContent {
        let document = try Self.invalid { () throws(DeltaError) in try request.delta("doc") }
        let operation = try Self.invalid { () throws(DeltaError) in try request.delta("a") }
        do throws(OperationError) {
            var content = try DocumentContent(document)
            try content.apply(operation)
            return content
        } catch {
            throw .invalidOperation("\(error)")
        }
    }

    private func replay(_ request: DeltaLineRequest, to writer: inout JSONWriter) throws(DeltaLineError) {
        let path = try request.string("file")
        do throws(EditingTraceError) {
            let trace = try EditingTrace(contentsOfFile: path)
            var replay = try TraceReplay(startContent: trace.startContent)
            let start = clock()
            try replay.run(trace)
            let microseconds = (clock() - start) / .microseconds(1)
            writer.beginObject()
            writer.key("edits")
            writer.int(replay.edits)
            writer.key("length")
            writer.int(replay.content.length)
            writer.key("digest")
            writer.string(replay.content.digest.description)
            writer.key("matches")
            writer.bool(replay.matches(trace.endContent))
            writer.key("milliseconds")
            writer.double((microseconds / 10).rounded() / 100)
            writer.key("microsecondsPerEdit")
            writer.double((microseconds / Double(max(1, replay.edits)) * 1000).rounded() / 1000)
            writer.endObject()
        } catch {
            if case .notFound = error { throw .notFound("\(error)") }
            throw .protocolError("\(error)")
        }
    }
}
