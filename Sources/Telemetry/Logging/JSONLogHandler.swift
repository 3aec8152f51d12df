internal import Foundation
internal import JSON
package import Logging

/// Writes each log event as one line of JSON, with the field names of the architecture's logging section: `time`,
/// `level`, `service`, `server_id`, `version`, `event`, and the metadata beside them.
///
/// `event` is the metadata of that name, or else the message; where both are there the message is `message`. Metadata
/// that would hide one of the fields gets `_` behind its name. Numbers and booleans given as `stringConvertible` are
/// such in the line.
///
/// An error given to the logger is `error_type` and `error_message`; at `error` and above with `context`, the module and
/// function where the metadata names nothing better, and `stack` (``CallStack``).
///
/// An event that repeats too often is not written (``LogControl``); the next line of it says in `suppressed` how many
/// were not.
package struct JSONLogHandler: LogHandler {
    private static let ownFields: Set<String> = [
        "time", "level", "service", "server_id", "version", "logger", "event", "message", "suppressed",
    ]

    /// The level of ``LogControl``, until this logger is given one of its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? control.level }
        set { ownLevel = newValue }
    }
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?
    private let control: LogControl
    private let label: String
    private let service: String
    private let serverID: String
    private let version: String
    private let output: LogOutput

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: the logger's label, written as `logger`.
    ///   - service: the program, written as `service`.
    ///   - serverID: the node, written as `server_id`.
    ///   - version: the program's.
    ///   - control: has the level, and the bound of repeats.
    ///   - metadataProvider: gives more metadata for each event.
    ///   - output: takes the lines.
    package init(
        label: String, service: String = "collab", serverID: String, version: String, control: LogControl,
        metadataProvider: Logger.MetadataProvider? = nil, output: LogOutput = .standardError
    ) {
        self.label = label
        self.service = service
        self.serverID = serverID
        self.metadataProvider = metadataProvider
        self.version = version
        self.control = control
        self.output = output
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        let message = event.message.description
        let name = all.removeValue(forKey: "event")?.description
        guard let suppressed = control.take(event.level, name ?? message) else { return }
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
        writer.key("version")
        writer.string(version)
        writer.key("logger")
        writer.string(label)
        writer.key("event")
        if let name {
            writer.string(name)
            writer.key("message")
        }
        writer.string(message)
        if suppressed > 0 {
            writer.key("suppressed")
            writer.int(suppressed)
        }
        if let error = event.error { Self.describe(error, event, in: &all) }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            writer.key(string: Self.ownFields.contains(key) ? key + "_" : key)
            Self.write(value, to: &writer, depth: 0)
        }
        writer.endObject()
        output.write(writer.bytes + [UInt8(ascii: "\n")])
    }

    private static func describe(_ error: any Error, _ event: LogEvent, in metadata: inout Logger.Metadata) {
        func add(_ key: String, _ value: @autoclosure () -> String?) {
            if metadata[key] == nil, let value = value() { metadata[key] = "\(value)" }
        }
        add("error_type", "\(type(of: error))")
        add("error_message", "\(error)")
        guard event.level >= .error else { return }
        add("context", "\(event.source) \(event.function)")
        add("stack", CallStack.text(of: event))
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
        case .stringConvertible(let number as Int): writer.int(number)
        case .stringConvertible(let number as Int64): writer.int(number)
        case .stringConvertible(let number as Double) where number.isFinite: writer.double(number)
        case .stringConvertible(let boolean as Bool): writer.bool(boolean)
        default: writer.string(value.description)
        }
    }
}
