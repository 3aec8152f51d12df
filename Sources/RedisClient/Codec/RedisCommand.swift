internal import CHiredis
internal import NIOCore

/// A command: its name and arguments, any bytes.
package struct RedisCommand: Sendable, Hashable {
    /// All words one after the other.
    private let content: [UInt8]
    /// How many bytes each word has.
    private let lengths: [Int]

    /// Makes a command of a name and its arguments as text.
    package init(_ name: StaticString, _ arguments: String...) {
        self.init(name, arguments: arguments)
    }

    /// Makes a command of a name and its arguments as text.
    package init(_ name: StaticString, arguments: [String]) {
        var content = name.withUTF8Buffer(Array.init)
        var lengths = [content.count]
        for argument in arguments {
            let start = content.count
            content.append(contentsOf: argument.utf8)
            lengths.append(content.count - start)
        }
        self.content = content
        self.lengths = lengths
    }

    /// Makes a command of a name and its arguments as bytes.
    package init(_ name: StaticString, byteArguments: [[UInt8]]) {
        var content = name.withUTF8Buffer(Array.init)
        var lengths = [content.count]
        for argument in byteArguments {
            content.append(contentsOf: argument)
            lengths.append(argument.count)
        }
        self.content = content
        self.lengths = lengths
    }

    /// The bytes of all words together.
    package var byteCount: Int { content.count }

    /// Appends the wire form, an array of bulk strings (Redis serialization protocol, "Sending commands").
    ///
    /// - Throws: ``RedisError`` with code `tooLarge` when there is no memory for it.
    func write(to buffer: inout ByteBuffer) throws(RedisError) {
        var encoded: UnsafeMutablePointer<CChar>?
        let count = content.withUnsafeBytes { bytes in
            var words: [UnsafePointer<CChar>?] = []
            words.reserveCapacity(lengths.count)
            let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            var offset = 0
            for length in lengths {
                words.append(start.map { $0 + offset })
                offset += length
            }
            return redisFormatCommandArgv(&encoded, Int32(lengths.count), &words, lengths)
        }
        guard count > 0, let encoded else {
            throw RedisError(.tooLarge, "a command of \(content.count) bytes could not be encoded")
        }
        defer { redisFreeCommand(encoded) }
        buffer.writeBytes(UnsafeRawBufferPointer(start: encoded, count: Int(count)))
    }
}
