internal import Foundation
internal import JSON
package import Logging

/// Writes each log event as one line of JSON, with the field names of the architecture's logging section: `time`,
/// `level`, `service`, `server_id`, `event`, and the metadata beside them.
///
/// `event` is the metadata of that name, or else the message; where both are there the message is `message`. Metadata
/// that would hide one of the fields gets `_` behind its name.
package struct JSONLogHandler: LogHandler {
    private static let ownFields: Set<String> = ["time", "level", "service", "server_id", "logger", "event", "message"]

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let service: String
    private let serverID: String
    private let output: LogOutput

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: the logger's label, written as `logger`.
    ///   - service: the program, written as `service`.
    ///   - serverID: the node, written as `server_id`.
    ///   - level: what is less severe is not written.
    ///   - metadataProvider: gives more metadata for each event.
    ///   - output: takes the lines.
    package init(
        label: String, service: String = "collab", serverID: String, level: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil, output: LogOutput = .standardError
    ) {
        self.label = label
        self.service = service
        self.serverID = serverID
        self.metadataProvider = metadataProvider
        self.output = output
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("time")
        writer.string(Date.now.formatted(Self.timeFormat))
        writer.key("level")
        writer.string(event.level.rawValue)
        writer.key("service")
        writer.string(service)
        writer.key("server_id")
        writer.string(serverID)
        writer.key("logger")
        writer.string(label)
        writer.key("event")
        if let name = all.removeValue(forKey: "event") {
            writer.string(name.description)
            writer.key("message")
        }
        writer.string(event.message.description)
        if let error = event.error {
            all["error_type"] = all["error_type"] ?? "\(type(of: error))"
            all["error_message"] = all["error_message"] ?? "\(error)"
        }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            writer.key(string: Self.ownFields.contains(key) ? key + "_" : key)
            Self.write(value, to: &writer, depth: 0)
        }
        writer.endObject()
        output.write(writer.bytes + [UInt8(ascii: "\n")])
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Metadata nested deeper than this is written as text.
    private static let maximumDepth = 8

    private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter, depth: Int) {
        switch value {
        case .dictionary(let dictionary) where depth < maximumDepth:
            writer.beginObject()
            for (key, value) in dictionary.sorted(by: { $0.key < $1.key }) {
                writer.key(string: key)
                write(value, to: &writer, depth: depth + 1)
            }
            writer.endObject()
        case .array(let array) where depth < maximumDepth:
            writer.beginArray()
            for value in array { write(value, to: &writer, depth: depth + 1) }
            writer.endArray()
        default: writer.string(value.description)
        }
    }
}
