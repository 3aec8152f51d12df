import Delta
import JSON

/// A line taken apart: its `op`, and where its other members stand.
struct DeltaLineRequest {
    let op: String
    private let line: [UInt8]
    private let members: [String: Range<Int>]

    init(_ line: [UInt8]) throws(DeltaLineError) {
        var op: String?
        var members: [String: Range<Int>] = [:]
        do {
            try JSONReader.read(line) { (reader) throws(JSONError) in
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    if key == "op" {
                        op = try reader.readString()
                    } else {
                        let name = key.string
                        members[name] = try reader.skipValue()
                    }
                }
            }
        } catch {
            throw .protocolError("\(error)")
        }
        guard let op else { throw .protocolError("op is missing") }
        self.op = op
        self.line = line
        self.members = members
    }

    /// The member that is a delta; a missing one is malformed.
    func delta(_ name: String) throws(DeltaError) -> Delta {
        guard let range = members[name] else { throw .malformedOp(0) }
        return try line[range].withUnsafeBufferPointer { (bytes) throws(DeltaError) in
            var reader = JSONReader(bytes)
            return try Delta(reading: &reader, allowsEmbedRetains: true)
        }
    }

    /// The member that is `true` or `false`; a missing one is `false`.
    func flag(_ name: String) throws(DeltaLineError) -> Bool {
        guard let value = try value(name) else { return false }
        guard let flag = value.bool else { throw .protocolError("\(name) is neither true nor false") }
        return flag
    }

    /// The member that is a position.
    func index(_ name: String) throws(DeltaLineError) -> Int {
        guard let index = try value(name)?.int, index >= 0, index <= Delta.maximumLength else {
            throw .protocolError("\(name) is no position")
        }
        return index
    }

    /// The member that is a string.
    func string(_ name: String) throws(DeltaLineError) -> String {
        guard let string = try value(name)?.string else { throw .protocolError("\(name) is no string") }
        return string
    }

    private func value(_ name: String) throws(DeltaLineError) -> JSONValue? {
        guard let range = members[name] else { return nil }
        do { return try JSONValue(utf8: Array(line[range])) } catch { throw .protocolError("\(error)") }
    }
}
