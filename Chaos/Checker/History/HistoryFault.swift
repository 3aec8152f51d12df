package import JSON

/// Why something is no history, and on which line: a fault of the recording, not of what was recorded.
package struct HistoryFault: Error, Hashable, Sendable {
    /// The line, from 1 on; the header is line 1, whether it was written or not.
    package var line: Int
    package var reason: Reason

    package init(line: Int, _ reason: Reason) {
        self.line = line
        self.reason = reason
    }

    /// What is wrong with the line.
    package enum Reason: Error, Hashable, Sendable {
        /// The line is longer than the reader's bound, in bytes.
        case tooLong(limit: Int)
        /// The line is not one JSON object.
        case json(JSONError)
        /// The first line does not say that this is a history, in a version that is known.
        case noHeader
        /// The event is none of those of HISTORY.md.
        case unknownEvent(String)
        /// The field is not one of this event's.
        case unknownField(String)
        /// The field is there twice.
        case doubled(String)
        /// The field is not there.
        case missing(String)
        /// The field's value is not what it has to be.
        case invalid(field: String, expected: String)
        /// The time is less than that of the event before.
        case timeRunsBackwards(at: Int64, after: Int64)
        /// Something is named that has not been begun, or has been ended.
        case unknown(what: String, name: String)
        /// Something is begun under a name that is taken.
        case taken(what: String, name: String)
        /// A session submits or is told something before its first message, or its first message is none.
        case noFirstMessage(session: String)
    }
}

extension HistoryFault: CustomStringConvertible {
    package var description: String { "line \(line): \(reason)" }
}

extension HistoryFault.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let limit): "the line has more than \(limit) bytes"
        case .json(let error): "\(error)"
        case .noHeader: "a history begins with the line {\"history\":\"\(HistoryFormat.name)\"}"
        case .unknownEvent(let name): "there is no event \"\(name)\""
        case .unknownField(let name): "this event has no field \"\(name)\""
        case .doubled(let name): "\"\(name)\" is there twice"
        case .missing(let name): "\"\(name)\" is missing"
        case .invalid(let field, let expected): "\"\(field)\" is not \(expected)"
        case .timeRunsBackwards(let at, let after): "the time \(at) is before that of the line before, \(after)"
        case .unknown(let what, let name): "there is no \(what) \"\(name)\" at this point"
        case .taken(let what, let name): "there is a \(what) \"\(name)\" already"
        case .noFirstMessage(let session): "session \"\(session)\" has had no init, catchup or resync yet"
        }
    }
}
