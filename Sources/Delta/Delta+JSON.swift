public import JSON

extension Delta {
    /// Reads an array of ops, or an object with such an array as its `ops`. The ops stay as they are written.
    ///
    /// - Parameter allowsEmbedRetains: whether a retain of an object (``Op/retainEmbed(_:_:)``) is read; if not, it is
    ///   malformed.
    /// - Throws: ``DeltaError``: malformed JSON, an op that is none, a length below 1 or above ``maximumLength``.
    public init(reading reader: inout JSONReader, allowsEmbedRetains: Bool = false) throws(DeltaError) {
        self.init()
        do {
            if try reader.peek() == .object {
                var found = false
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    guard key == "ops", !found else {
                        if found, key == "ops" { throw DeltaError.malformedOp(ops.count) }
                        try reader.skipValue()
                        continue
                    }
                    found = true
                    try readOps(&reader, allowsEmbedRetains)
                }
                guard found else { throw DeltaError.malformedOp(0) }
            } else {
                try readOps(&reader, allowsEmbedRetains)
            }
        } catch let error as JSONError {
            throw .json(error)
        } catch let error as DeltaError {
            throw error
        } catch {
            preconditionFailure("a reader throws nothing else: \(error)")
        }
    }

    /// Reads a delta that takes up all of the bytes.
    ///
    /// - Throws: ``DeltaError`` as ``init(reading:allowsEmbedRetains:)``.
    public init(jsonUTF8 bytes: [UInt8], allowsEmbedRetains: Bool = false) throws(DeltaError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(DeltaError) in
            var reader = JSONReader(buffer)
            let delta = try Delta(reading: &reader, allowsEmbedRetains: allowsEmbedRetains)
            do throws(JSONError) { try reader.finish() } catch { throw .json(error) }
            return delta
        }
    }

    private mutating func readOps(_ reader: inout JSONReader, _ allowsEmbedRetains: Bool) throws {
        try reader.beginArray()
        while try reader.nextElement() {
            ops.append(try Op(reading: &reader, index: ops.count, allowsEmbedRetains: allowsEmbedRetains))
        }
    }

    /// Writes the array of ops.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for op in ops { op.write(to: &writer) }
        writer.endArray()
    }

    /// The array of ops in UTF-8.
    public var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: 32 * ops.count)
        write(to: &writer)
        return writer.bytes
    }
}

extension Op {
    /// What an op's members say, before they are put together.
    private struct Members {
        var text: UTF16Text?
        var embed: Embed?
        var retain: Int?
        var retainedEmbed: Embed?
        var delete: Int?
        var attributes: Attributes?
    }

    init(reading reader: inout JSONReader, index: Int, allowsEmbedRetains: Bool) throws {
        var members = Members()
        guard try reader.peek() == .object else { throw DeltaError.malformedOp(index) }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "insert":
                if try reader.peek() == .string {
                    var units = [UInt16]()
                    try reader.readUTF16(into: &units)
                    members.text = UTF16Text(units: units)
                } else {
                    members.embed = try Self.readEmbed(&reader, index)
                }
            case "retain":
                if try reader.peek() == .object, allowsEmbedRetains {
                    members.retainedEmbed = try Self.readEmbed(&reader, index)
                } else {
                    members.retain = try Self.readLength(&reader, index)
                }
            case "delete":
                members.delete = try Self.readLength(&reader, index)
            case "attributes":
                if try !reader.readNullIfPresent() {
                    guard try reader.peek() == .object else { throw DeltaError.malformedOp(index) }
                    members.attributes = Attributes(try reader.readObject())
                }
            default:
                throw DeltaError.malformedOp(index)
            }
        }
        self = try Self.op(of: members, index)
    }

    private static func readEmbed(_ reader: inout JSONReader, _ index: Int) throws -> Embed {
        guard try reader.peek() == .object else { throw DeltaError.malformedOp(index) }
        let object = try reader.readObject()
        guard !object.isEmpty else { throw DeltaError.malformedOp(index) }
        return Embed(object)
    }

    private static func readLength(_ reader: inout JSONReader, _ index: Int) throws -> Int {
        guard try reader.peek() == .number else { throw DeltaError.malformedOp(index) }
        let number = try reader.readDouble()
        guard number >= 1 else { throw DeltaError.lengthBelowOne(index) }
        guard number <= Double(Delta.maximumLength) else { throw DeltaError.lengthTooLarge(index) }
        let length = Int(number)
        guard Double(length) == number else { throw DeltaError.malformedOp(index) }
        return length
    }

    private static func op(of members: Members, _ index: Int) throws(DeltaError) -> Op {
        let attributes = members.attributes ?? .none
        switch (members.text, members.embed, members.retain, members.retainedEmbed, members.delete) {
        case (.some(let text), nil, nil, nil, nil):
            guard !text.isEmpty else { throw .lengthBelowOne(index) }
            return .insert(text, attributes)
        case (nil, .some(let embed), nil, nil, nil): return .embed(embed, attributes)
        case (nil, nil, .some(let length), nil, nil): return .retain(length, attributes)
        case (nil, nil, nil, .some(let embed), nil): return .retainEmbed(embed, attributes)
        case (nil, nil, nil, nil, .some(let length)):
            guard members.attributes == nil else { throw .attributesOnDelete(index) }
            return .delete(length)
        default: throw .malformedOp(index)
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .insert(let text, _):
            writer.key("insert")
            text.withUnits { writer.utf16($0) }
        case .embed(let embed, _):
            writer.key("insert")
            writer.value(embed.value)
        case .retain(let length, _):
            writer.key("retain")
            writer.int(length)
        case .retainEmbed(let embed, _):
            writer.key("retain")
            writer.value(embed.value)
        case .delete(let length):
            writer.key("delete")
            writer.int(length)
        }
        if !attributes.isEmpty {
            writer.key("attributes")
            writer.object(attributes.object)
        }
        writer.endObject()
    }
}
