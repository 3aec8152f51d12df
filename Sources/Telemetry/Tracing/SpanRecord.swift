package import CollabModel

/// A finished span in the form in which it waits for its export.
package struct SpanRecord: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
    }

    package typealias Attributes = [(name: String, value: Value)]

    package struct Event: Sendable {
        package var name: String
        package var nanoseconds: UInt64
        package var attributes: Attributes
    }

    package enum Status: Sendable, Equatable {
        case unset, ok
        case error(String)
    }

    package var name: String
    /// OTLP's number: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    package var kind: Int
    package var context: TraceContext
    package var parent: UInt64?
    /// Nanoseconds since 1970.
    package var start: UInt64
    package var end: UInt64
    package var attributes: Attributes
    package var events: [Event]
    package var status: Status

    package static func == (left: SpanRecord, right: SpanRecord) -> Bool {
        left.context == right.context && left.name == right.name && left.end == right.end
    }
}
