import CollabModel
import Delta
public import JSON

extension ClientFrame {
    /// Writes the message as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("type")
        switch self {
        case .operation(let id, let base, let delta, let presence, let trace):
            writer.string("operation")
            writer.key("operationId")
            writer.string(id.text)
            writer.key("version")
            writer.int(base.value)
            writer.key("operation")
            delta.write(to: &writer)
            if let cursor = presence?.cursor {
                writer.key("cursor")
                writer.int(cursor)
            }
            if let selection = presence?.selection {
                writer.key("selection")
                writer.selection(selection)
            }
            if let trace {
                writer.key("traceparent")
                writer.string(trace.traceparent)
            }
        case .cursor(let version, let position):
            writer.string("cursor")
            writer.key("version")
            writer.int(version.value)
            writer.key("position")
            writer.position(position)
        case .selection(let version, let range):
            writer.string("selection")
            writer.key("version")
            writer.int(version.value)
            writer.key("range")
            writer.selection(range)
        case .resync:
            writer.string("resync")
        case .ping:
            writer.string("ping")
        }
        writer.endObject()
    }

    /// The message as UTF-8.
    public var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: 160)
        write(to: &writer)
        return writer.bytes
    }
}
