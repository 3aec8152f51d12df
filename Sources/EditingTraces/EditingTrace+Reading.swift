import CZlib
import Delta
import JSON

extension EditingTrace {
    /// The largest trace that is read, uncompressed, in bytes.
    public static let maximumSize = 1 << 30

    /// Reads a trace from a file, which may be compressed by gzip.
    ///
    /// - Throws: ``EditingTraceError/notFound(path:)``, ``EditingTraceError/unreadable(path:)``,
    ///   ``EditingTraceError/malformed(_:)``.
    public init(contentsOfFile path: String) throws(EditingTraceError) {
        try self.init(json: try Self.bytes(ofFile: path))
    }

    /// Reads a trace from its JSON.
    ///
    /// - Throws: ``EditingTraceError/malformed(_:)``.
    public init(json: [UInt8]) throws(EditingTraceError) {
        do {
            self = try JSONReader.read(json) { (reader) throws(JSONError) in try Self.read(&reader) }
        } catch {
            throw .malformed("\(error)")
        }
        for (index, transaction) in transactions.enumerated() {
            let isSound =
                transaction.parents.allSatisfy { $0 >= 0 && $0 < index }
                && transaction.agent >= 0 && transaction.agent < max(1, agents ?? 1)
            guard isSound else { throw .malformed("transaction \(index) has impossible parents or agent") }
        }
    }

    /// zlib's file functions read compressed and plain files alike.
    private static func bytes(ofFile path: String) throws(EditingTraceError) -> [UInt8] {
        guard let file = gzopen(path, "rb") else { throw .notFound(path: path) }
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        let step = 1 << 18
        while true {
            var count: Int32 = 0
            bytes.append(
                contentsOf: [UInt8](unsafeUninitializedCapacity: step) { buffer, initialized in
                    count = gzread(file, buffer.baseAddress, UInt32(step))
                    initialized = max(0, Int(count))
                })
            guard count >= 0, bytes.count <= maximumSize else { throw .unreadable(path: path) }
            if count == 0 { break }
        }
        // A file that was cut off ends like one that did not, but for this.
        var status: Int32 = Z_OK
        _ = gzerror(file, &status)
        guard status == Z_OK || status == Z_STREAM_END else { throw .unreadable(path: path) }
        return bytes
    }

    private static func read(_ reader: inout JSONReader) throws(JSONError) -> EditingTrace {
        var trace = EditingTrace(startContent: UTF16Text(), endContent: UTF16Text(), transactions: [])
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "startContent": trace.startContent = try readText(&reader)
            case "endContent": trace.endContent = try readText(&reader)
            case "numAgents": trace.agents = try reader.readInt()
            case "txns":
                try reader.beginArray()
                while try reader.nextElement() { trace.transactions.append(try readTransaction(&reader)) }
            default: try reader.skipValue()
            }
        }
        return trace
    }

    private static func readTransaction(_ reader: inout JSONReader) throws(JSONError) -> Transaction {
        var transaction = Transaction(patches: [])
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "parents":
                try reader.beginArray()
                while try reader.nextElement() { transaction.parents.append(try reader.readInt()) }
            case "agent": transaction.agent = try reader.readInt()
            case "patches":
                try reader.beginArray()
                while try reader.nextElement() { transaction.patches.append(try readPatch(&reader)) }
            default: try reader.skipValue()
            }
        }
        return transaction
    }

    /// A patch is `[position, deleted, inserted]`.
    private static func readPatch(_ reader: inout JSONReader) throws(JSONError) -> Patch {
        let start = reader.offset
        var patch = Patch(position: -1, deleted: -1, inserted: UTF16Text())
        var count = 0
        try reader.beginArray()
        while try reader.nextElement() {
            switch count {
            case 0: patch.position = try reader.readInt()
            case 1: patch.deleted = try reader.readInt()
            case 2: patch.inserted = try readText(&reader)
            default: try reader.skipValue()
            }
            count += 1
        }
        guard count == 3, patch.position >= 0, patch.deleted >= 0 else {
            throw JSONError(.mismatch(expected: .array, found: .array), at: start)
        }
        return patch
    }

    private static func readText(_ reader: inout JSONReader) throws(JSONError) -> UTF16Text {
        var units: [UInt16] = []
        try reader.readUTF16(into: &units)
        return UTF16Text(units: units)
    }
}
