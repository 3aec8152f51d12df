internal import CPQ

/// An owned libpq connection. Not thread-safe: lives inside one ``PostgresConnection``.
///
/// Every libpq call of this module is in this file and in `ConnectionHandle+Results.swift`; no pointer leaves them.
final class ConnectionHandle {
    enum Progress {
        case wantsRead
        case wantsWrite
        case connected
        case failed(String)
    }

    enum FlushOutcome {
        case flushed
        case wantsWrite
        case failed
    }

    let connection: OpaquePointer
    /// Filled by the notice receiver, which holds it unretained: it must live as long as `connection`.
    let notices = NoticeBox()

    /// Begins to connect; `nil` when there is no memory. A host name is looked up here, which blocks.
    init?(parameters: [(keyword: String, value: String)]) {
        let started = Self.withCStrings(parameters.map(\.keyword)) { keywords in
            Self.withCStrings(parameters.map(\.value)) { values in
                PQconnectStartParams(keywords, values, 1)
            }
        }
        guard let started else { return nil }
        connection = started
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context else { return }
                // The box is a stored property beside the connection and is released after `PQfinish`.
                Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit {
        PQfinish(connection)
        withExtendedLifetime(notices) {}
    }

    var descriptor: Int32 { PQsocket(connection) }
    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }

    /// What libpq last complained of, on one line.
    var errorMessage: String {
        guard let message = PQerrorMessage(connection) else { return "no reason given" }
        return Self.singleLine(String(cString: message))
    }

    /// Goes on connecting; to be called when the descriptor is ready.
    func continueConnecting() -> Progress {
        switch PQconnectPoll(connection) {
        case PGRES_POLLING_OK: .connected
        case PGRES_POLLING_READING: .wantsRead
        case PGRES_POLLING_WRITING: .wantsWrite
        default: .failed(errorMessage)
        }
    }

    /// Switches to non-blocking pipeline mode.
    func enterPipeline() -> Bool {
        PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1
    }

    /// Queues the preparation of a statement.
    func sendPrepare(_ statement: Statement, types: [UInt32]) -> Bool {
        PQsendPrepare(connection, statement.name, statement.sql, Int32(types.count), types) == 1
    }

    /// Queues the execution of a prepared statement, or of a statement that is run once.
    func sendExecute(_ statement: Statement, _ parameters: Parameters) -> Bool {
        let extents = parameters.extents
        let count = Int32(extents.count)
        return parameters.bytes.withUnsafeBufferPointer { bytes in
            // An empty buffer may have no address, but a parameter without one would be null.
            withUnsafePointer(to: CChar(0)) { empty in
                let values: [UnsafePointer<CChar>?] = extents.map { extent in
                    guard extent.length >= 0 else { return nil }
                    guard extent.length > 0, let base = bytes.baseAddress else { return empty }
                    return UnsafeRawPointer(base + extent.offset).assumingMemoryBound(to: CChar.self)
                }
                let lengths = extents.map { Int32(max(0, $0.length)) }
                let formats = [Int32](repeating: 1, count: extents.count)
                if statement.isPrepared {
                    return PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 1) == 1
                }
                let types = extents.map(\.type)
                return PQsendQueryParams(connection, statement.sql, count, types, values, lengths, formats, 1) == 1
            }
        }
    }

    /// Ends the transaction of what was queued since the last one and flushes.
    func sendSync() -> Bool { PQpipelineSync(connection) == 1 }

    func flush() -> FlushOutcome {
        switch PQflush(connection) {
        case 0: .flushed
        case 1: .wantsWrite
        default: .failed
        }
    }

    /// Reads what has arrived; `false` when the connection is gone.
    func consumeInput() -> Bool { PQconsumeInput(connection) == 1 }

    static func singleLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        // All strings behind one another in one buffer, which outlives the call.
        let bytes = strings.flatMap { Array($0.utf8CString) }
        var offsets: [Int] = []
        var offset = 0
        for string in strings {
            offsets.append(offset)
            offset += string.utf8CString.count
        }
        return bytes.withUnsafeBufferPointer { buffer in
            var pointers: [UnsafePointer<CChar>?] = offsets.map { start in buffer.baseAddress.map { $0 + start } }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
