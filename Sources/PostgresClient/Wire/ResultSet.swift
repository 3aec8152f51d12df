/// The rows of one statement, copied out of libpq, in PostgreSQL's binary format.
package struct ResultSet: Sendable {
    struct Cell: Sendable {
        var offset: Int
        /// -1: null.
        var length: Int
    }

    package let rowCount: Int
    package let columnCount: Int
    /// What the server warned of while the statement ran.
    package internal(set) var warnings: [String] = []
    private let bytes: [UInt8]
    private let cells: [Cell]

    init(rowCount: Int, columnCount: Int, bytes: [UInt8], cells: [Cell]) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.bytes = bytes
        self.cells = cells
    }

    static let empty = ResultSet(rowCount: 0, columnCount: 0, bytes: [], cells: [])

    /// The bytes of a cell; `nil`: null.
    package func bytes(_ row: Int, _ column: Int) -> ArraySlice<UInt8>? {
        precondition(row < rowCount && column < columnCount, "no such cell")
        let cell = cells[row * columnCount + column]
        return cell.length < 0 ? nil : bytes[cell.offset..<cell.offset + cell.length]
    }

    /// An `int8` cell that is not null.
    package func int8(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        guard let value = try optionalInt8(row, column) else { throw .malformedResult("column \(column) is null") }
        return value
    }

    package func optionalInt8(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
        guard let bytes = bytes(row, column) else { return nil }
        guard bytes.count == 8 else { throw .malformedResult("column \(column) is no int8") }
        return Int64(bitPattern: Self.word(bytes))
    }

    package func optionalInt4(_ row: Int, _ column: Int) throws(PostgresError) -> Int32? {
        guard let bytes = bytes(row, column) else { return nil }
        guard bytes.count == 4 else { throw .malformedResult("column \(column) is no int4") }
        return Int32(truncatingIfNeeded: Self.word(bytes))
    }

    package func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        guard let bytes = bytes(row, column), bytes.count == 1, let byte = bytes.first else {
            throw .malformedResult("column \(column) is no bool")
        }
        return byte != 0
    }

    /// A `text` cell that is not null.
    package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        guard let value = optionalText(row, column) else { throw .malformedResult("column \(column) is null") }
        return value
    }

    package func optionalText(_ row: Int, _ column: Int) -> String? {
        bytes(row, column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A `uuid` cell that is not null, as its first and last 64 bits.
    package func uuid(_ row: Int, _ column: Int) throws(PostgresError) -> (high: UInt64, low: UInt64) {
        guard let bytes = bytes(row, column), bytes.count == 16 else {
            throw .malformedResult("column \(column) is no uuid")
        }
        return (Self.word(bytes.prefix(8)), Self.word(bytes.suffix(8)))
    }

    /// The JSON text of a `jsonb` cell that is not null.
    package func jsonb(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        guard let bytes = bytes(row, column), bytes.first == 1 else {
            throw .malformedResult("column \(column) is no jsonb of version 1")
        }
        return [UInt8](bytes.dropFirst())
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
