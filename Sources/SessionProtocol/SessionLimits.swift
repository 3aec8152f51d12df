import JSON

/// What a client is held to, told in `init` (protocol.md, "Server to client"). Sizes in bytes of UTF-8.
public struct SessionLimits: Hashable, Sendable {
    /// The longest message; a longer one closes the session with 1009.
    public var frameBytes = 2 << 20
    /// The longest `operation` field; a longer one is refused with `too_large`.
    public var operationBytes = 1 << 20
    /// Operations in a second; more are refused with `rate_limited`.
    public var operationsPerSecond = 500
    /// The longest document, in UTF-16 units.
    public var documentLength = 10_000_000

    public init() {}

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("frameBytes")
        writer.int(frameBytes)
        writer.key("operationBytes")
        writer.int(operationBytes)
        writer.key("operationsPerSecond")
        writer.int(operationsPerSecond)
        writer.key("documentLength")
        writer.int(documentLength)
        writer.endObject()
    }

    /// Reads an object; a limit that it does not name keeps its default.
    init(reading reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "frameBytes": frameBytes = try reader.readInt()
            case "operationBytes": operationBytes = try reader.readInt()
            case "operationsPerSecond": operationsPerSecond = try reader.readInt()
            case "documentLength": documentLength = try reader.readInt()
            default: try reader.skipValue()
            }
        }
    }
}
