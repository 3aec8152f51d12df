internal import CollabModel
internal import JSON

/// An ExportTraceServiceRequest in OTLP's JSON encoding (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding"): ids in
/// hexadecimal, 64-bit numbers as strings.
struct OTLPEncoding: Sendable {
    /// What is said once for all spans.
    let resource: SpanRecord.Attributes
    /// Names the source of the spans, and its version.
    let scope: (name: String, version: String)

    func request(_ spans: [SpanRecord]) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 * spans.count + 512)
        writer.beginObject()
        writer.key("resourceSpans")
        writer.beginArray()
        writer.beginObject()
        writer.key("resource")
        writer.beginObject()
        Self.write(resource, to: &writer)
        writer.endObject()
        writer.key("scopeSpans")
        writer.beginArray()
        writer.beginObject()
        writer.key("scope")
        writer.beginObject()
        writer.key("name")
        writer.string(scope.name)
        writer.key("version")
        writer.string(scope.version)
        writer.endObject()
        writer.key("spans")
        writer.beginArray()
        for span in spans { Self.write(span, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ span: SpanRecord, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("traceId")
        writer.string(span.context.traceIDText)
        writer.key("spanId")
        writer.string(span.context.spanIDText)
        if let parent = span.parent {
            var above = span.context
            above.spanID = parent
            writer.key("parentSpanId")
            writer.string(above.spanIDText)
        }
        writer.key("flags")
        writer.int(Int(span.context.flags))
        writer.key("name")
        writer.string(span.name)
        writer.key("kind")
        writer.int(span.kind)
        writer.key("startTimeUnixNano")
        writer.string(String(span.start))
        writer.key("endTimeUnixNano")
        writer.string(String(span.end))
        write(span.attributes, to: &writer)
        if !span.events.isEmpty {
            writer.key("events")
            writer.beginArray()
            for event in span.events {
                writer.beginObject()
                writer.key("timeUnixNano")
                writer.string(String(event.nanoseconds))
                writer.key("name")
                writer.string(event.name)
                write(event.attributes, to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
        write(span.status, to: &writer)
        writer.endObject()
    }

    private static func write(_ status: SpanRecord.Status, to writer: inout JSONWriter) {
        guard status != .unset else { return }
        writer.key("status")
        writer.beginObject()
        writer.key("code")
        if case .error(let message) = status {
            writer.int(2)
            writer.key("message")
            writer.string(message)
        } else {
            writer.int(1)
        }
        writer.endObject()
    }

    private static func write(_ attributes: SpanRecord.Attributes, to writer: inout JSONWriter) {
        writer.key("attributes")
        writer.beginArray()
        for (name, value) in attributes {
            writer.beginObject()
            writer.key("key")
            writer.string(name)
            writer.key("value")
            writer.beginObject()
            switch value {
            case .text(let text):
                writer.key("stringValue")
                writer.string(text)
            case .integer(let integer):
                writer.key("intValue")
                writer.string(String(integer))
            case .number(let number):
                writer.key("doubleValue")
                writer.double(number)
            case .boolean(let boolean):
                writer.key("boolValue")
                writer.bool(boolean)
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }
}
