import CollabModel
import Delta
import JSON

// Each reader of a value throws a `FrameError` that names the field.

extension JSONReader {
    mutating func field<Value>(
        _ name: StaticString, _ read: (inout JSONReader) throws(JSONError) -> Value?
    ) throws(FrameError) -> Value {
        let start = offset
        let value: Value?
        do { value = try read(&self) } catch { throw FrameError(.protocolError, "\(name): \(error)") }
        guard let value else { throw FrameError(.protocolError, "\(name): invalid value at byte \(start)") }
        return value
    }

    mutating func clientID(_ name: StaticString = "clientId") throws(FrameError) -> ClientID {
        try field(name) { (reader) throws(JSONError) in ClientID(try reader.readString()) }
    }

    mutating func userID() throws(FrameError) -> UserID {
        try field("userId") { (reader) throws(JSONError) in UserID(try reader.readString()) }
    }

    mutating func operationID(_ name: StaticString = "operationId") throws(FrameError) -> OperationID {
        try field(name) { (reader) throws(JSONError) in OperationID(try reader.readString()) }
    }

    mutating func optionalOperationID(_ name: StaticString) throws(FrameError) -> OperationID? {
        try field(name) { (reader) throws(JSONError) -> OperationID?? in
            if try reader.readNullIfPresent() { return .some(nil) }
            return OperationID(try reader.readString()).map { .some($0) }
        }
    }

    /// Any integer; what is negative is for the caller to judge.
    mutating func version(_ name: StaticString = "version") throws(FrameError) -> Version {
        try field(name) { (reader) throws(JSONError) in Version(Int64(try reader.readInt())) }
    }

    mutating func digest() throws(FrameError) -> Digest {
        try field("digest") { (reader) throws(JSONError) in Digest(try reader.readString()) }
    }

    mutating func text(_ name: StaticString) throws(FrameError) -> String {
        try field(name) { (reader) throws(JSONError) in try reader.readString() }
    }

    mutating func permission() throws(FrameError) -> Permission {
        try field("permission") { (reader) throws(JSONError) in Permission(try reader.readString()) }
    }

    /// A position in a document, or `null`.
    mutating func position(_ name: StaticString) throws(FrameError) -> Int? {
        try field(name) { (reader) throws(JSONError) -> Int?? in
            if try reader.readNullIfPresent() { return .some(nil) }
            let value = try reader.readInt()
            return value >= 0 && value <= Int(Int32.max) ? .some(value) : nil
        }
    }

    /// `{"index", "length"}`, or `null`.
    mutating func selection(_ name: StaticString) throws(FrameError) -> SelectionRange? {
        try field(name) { (reader) throws(JSONError) -> SelectionRange?? in
            if try reader.readNullIfPresent() { return .some(nil) }
            var index: Int?
            var length: Int?
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "index": index = try reader.readInt()
                case "length": length = try reader.readInt()
                default: try reader.skipValue()
                }
            }
            guard let index, let length, index >= 0, length >= 0, index <= Int(Int32.max), length <= Int(Int32.max)
            else {
                return nil
            }
            return .some(SelectionRange(index: index, length: length))
        }
    }

    /// A delta as an array of ops or `{"ops"}`.
    mutating func delta(_ name: StaticString) throws(FrameError) -> Delta {
        do {
            return try Delta(reading: &self)
        } catch {
            throw FrameError(.protocolError, "\(name): \(error)")
        }
    }

    mutating func each(_ body: (inout JSONReader) throws(FrameError) -> Void) throws(FrameError) {
        do { try beginArray() } catch { throw FrameError(error) }
        while true {
            let more: Bool
            do { more = try nextElement() } catch { throw FrameError(error) }
            guard more else { return }
            try body(&self)
        }
    }

    mutating func members(_ body: (JSONKey, inout JSONReader) throws(FrameError) -> Void) throws(FrameError) {
        do { try beginObject() } catch { throw FrameError(error) }
        while true {
            let key: JSONKey?
            do { key = try nextKey() } catch { throw FrameError(error) }
            guard let key else { return }
            try body(key, &self)
        }
    }

    mutating func skip() throws(FrameError) {
        do { try skipValue() } catch { throw FrameError(error) }
    }
}
