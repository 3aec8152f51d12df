internal import CPQ

/// A server's warnings since they were last taken.
final class NoticeBox {
    private(set) var warnings: [String] = []
    /// More are counted as the last one that fits (G10).
    private static let maximum = 16

    func receive(_ result: OpaquePointer?) {
        guard let result, ConnectionHandle.field(PG_DIAG_SEVERITY_NONLOCALIZED, of: result) == "WARNING" else { return }
        guard warnings.count < Self.maximum else { return }
        warnings.append(ConnectionHandle.field(PG_DIAG_MESSAGE_PRIMARY, of: result) ?? "")
    }

    func take() -> [String] {
        defer { warnings = [] }
        return warnings
    }
}

extension ConnectionHandle {
    /// One thing that the server said in answer to what was sent, in order.
    enum Reply {
        case rows(ResultSet)
        case failure(ServerError)
        /// The transaction of the statements before the sync has ended: committed, if none of them failed.
        case sync
        /// The end of one statement's results.
        case separator
    }

    /// The next reply; `nil` when more must arrive first.
    func nextReply() -> Reply? {
        guard PQisBusy(connection) == 0 else { return nil }
        guard let result = PQgetResult(connection) else { return .separator }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC: return .sync
        case PGRES_TUPLES_OK: return .rows(Self.copy(result))
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .rows(.empty)
        case PGRES_PIPELINE_ABORTED:
            return .failure(ServerError(sqlState: "", message: "skipped after the failure before it"))
        default:
            let message = Self.field(PG_DIAG_MESSAGE_PRIMARY, of: result) ?? errorMessage
            return .failure(
                ServerError(
                    sqlState: Self.field(PG_DIAG_SQLSTATE, of: result) ?? "", message: Self.singleLine(message),
                    constraint: Self.field(PG_DIAG_CONSTRAINT_NAME, of: result)))
        }
    }

    private static func copy(_ result: OpaquePointer) -> ResultSet {
        let rows = PQntuples(result)
        let columns = PQnfields(result)
        var cells: [ResultSet.Cell] = []
        cells.reserveCapacity(Int(rows) * Int(columns))
        var total = 0
        for row in 0..<rows {
            for column in 0..<columns {
                let length = PQgetisnull(result, row, column) == 1 ? -1 : Int(PQgetlength(result, row, column))
                cells.append(ResultSet.Cell(offset: total, length: length))
                total += max(0, length)
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(total)
        for row in 0..<rows {
            for column in 0..<columns {
                let length = cells[Int(row) * Int(columns) + Int(column)].length
                guard length > 0, let value = PQgetvalue(result, row, column) else { continue }
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: length))
            }
        }
        return ResultSet(rowCount: Int(rows), columnCount: Int(columns), bytes: bytes, cells: cells)
    }

    fileprivate static func field(_ code: UnicodeScalar, of result: OpaquePointer) -> String? {
        PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
}

// The field codes of `postgres_ext.h`, which are character macros that Swift does not import.
private let PG_DIAG_SEVERITY_NONLOCALIZED: UnicodeScalar = "V"
private let PG_DIAG_SQLSTATE: UnicodeScalar = "C"
private let PG_DIAG_MESSAGE_PRIMARY: UnicodeScalar = "M"
private let PG_DIAG_CONSTRAINT_NAME: UnicodeScalar = "n"
