internal import JSON

/// Reads a history, strictly: whatever is not as HISTORY.md says is an error that names the line.
package struct HistoryDecoder: Sendable {
    /// How many lines have been read.
    package private(set) var line = 0
    private let maximumLineLength: Int
    private var pending: [UInt8] = []

    package init(maximumLineLength: Int = HistoryFormat.maximumLineLength) {
        self.maximumLineLength = maximumLineLength
    }

    /// Takes the next bytes and gives every event whose line they end.
    ///
    /// - Throws: ``HistoryFault``; the decoder is of no use after it.
    package mutating func feed(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (HistoryEvent) throws(HistoryFault) -> Void
    ) throws(HistoryFault) {
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            let rest = UnsafeBufferPointer(rebasing: bytes[start..<end])
            start = end + 1
            if pending.isEmpty {
                try read(rest, body)
            } else {
                pending.append(contentsOf: rest)
                try readPending(body)
            }
        }
        pending.append(contentsOf: bytes[start...])
        guard pending.count <= maximumLineLength else { throw tooLong }
    }

    /// Takes bytes that are in an array.
    package mutating func feed(
        _ bytes: [UInt8], _ body: (HistoryEvent) throws(HistoryFault) -> Void
    ) throws(HistoryFault) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(HistoryFault) in try feed(buffer, body) }
    }

    /// Gives the event of a last line that has no end, and checks that there was a header.
    package mutating func finish(_ body: (HistoryEvent) throws(HistoryFault) -> Void) throws(HistoryFault) {
        if !pending.isEmpty { try readPending(body) }
        guard line > 0 else { throw HistoryFault(line: 1, .noHeader) }
    }

    private var tooLong: HistoryFault { HistoryFault(line: line + 1, .tooLong(limit: maximumLineLength)) }

    private mutating func readPending(
        _ body: (HistoryEvent) throws(HistoryFault) -> Void
    ) throws(HistoryFault) {
        var whole: [UInt8] = []
        swap(&whole, &pending)
        try whole.withUnsafeBufferPointer { (buffer) throws(HistoryFault) in try read(buffer, body) }
        whole.removeAll(keepingCapacity: whole.capacity <= 1 << 16)
        pending = whole
    }

    private mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (HistoryEvent) throws(HistoryFault) -> Void
    ) throws(HistoryFault) {
        guard bytes.count <= maximumLineLength else { throw tooLong }
        line += 1
        var reader = JSONReader(bytes)
        let event: HistoryEvent?
        do throws(HistoryFault.Reason) {
            if line == 1 {
                try Self.readHeader(&reader)
                event = nil
            } else {
                var fields = HistoryLine()
                try fields.read(&reader)
                event = try fields.event()
            }
        } catch {
            throw HistoryFault(line: line, error)
        }
        if let event { try body(event) }
    }

    /// The header has to name the format; what else it says is for people.
    private static func readHeader(_ reader: inout JSONReader) throws(HistoryFault.Reason) {
        let header: JSONValue
        do throws(JSONError) {
            header = try reader.readValue()
            try reader.finish()
        } catch {
            throw .noHeader
        }
        guard header["history"]?.string == HistoryFormat.name else { throw .noHeader }
    }
}
