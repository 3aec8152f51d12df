internal import Delta
internal import JSON

/// Writes a history, event by event.
///
/// It only fills a buffer: whoever records takes the bytes when it suits and puts them where they belong. Several threads
/// that record one history guard it, and read the clock inside the guard, so that times never run backwards.
package struct HistoryEncoder: Sendable {
    /// Whole lines, but for the end of the last one.
    private var buffer: [UInt8] = []

    /// Begins a history: the buffer holds its header.
    ///
    /// - Parameter recorder: who records, for people to read.
    package init(recorder: String = "collab") {
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        writer.key("history")
        writer.string(HistoryFormat.name)
        writer.key("recorder")
        writer.string(recorder)
        writer.endObject()
        buffer = writer.bytes
    }

    /// How many bytes wait to be taken.
    package var count: Int { buffer.isEmpty ? 0 : buffer.count + 1 }

    /// Moves out what has been written since the last time: whole lines.
    package mutating func take() -> [UInt8] {
        var taken = move()
        if !taken.isEmpty { taken.append(0x0A) }
        return taken
    }

    /// Writes an event as a line.
    package mutating func append(_ event: HistoryEvent) {
        var lines = move()
        // The end of the line before. A writer's bytes, while the writer is alive, could not grow in place.
        if !lines.isEmpty { lines.append(0x0A) }
        var writer = JSONWriter(appendingTo: consume lines)
        writer.beginObject()
        writer.key("at")
        writer.int(event.at)
        writer.key("event")
        writer.string(event.kind.name.rawValue)
        writer.fields(of: event.kind)
        writer.endObject()
        buffer = writer.bytes
    }

    private mutating func move() -> [UInt8] {
        var moved: [UInt8] = []
        swap(&moved, &buffer)
        return moved
    }
}

extension HistoryEvent.Kind {
    fileprivate var name: HistoryEventName {
        switch self {
        case .document: .document
        case .opened: .open
        case .closed: .close
        case .submitted: .submit
        case .acknowledged: .ack
        case .seen(let broadcast): broadcast.operations.count == 1 ? .operation : .operations
        case .initial: .`init`
        case .caughtUp: .catchup
        case .resynced: .resync
        case .failed: .error
        case .degraded: .degraded
        case .restored: .restored
        case .permission: .permission
        case .presence: .presence
        case .accessRequested: .access
        case .accessAnswered: .answer
        case .read: .read
        case .held: .content
        case .faultBegan: .fault
        case .faultEnded: .recovery
        case .row: .row
        case .head: .head
        }
    }
}
