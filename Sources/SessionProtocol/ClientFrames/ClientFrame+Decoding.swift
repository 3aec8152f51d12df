import CollabModel
import Delta
import JSON

extension ClientFrame {
    /// How deep a message may nest: the envelope, and what ``Delta`` allows for the values of attributes and embeds.
    public static let maximumDepth = 64

    /// Reads one message of a client.
    ///
    /// Fields that the protocol does not name are ignored, a field that comes twice is an error. The operation is
    /// measured before it is read, and has a valid shape (``Delta/validate()``); whether it fits the document is for
    /// the owner to say.
    public init(decoding bytes: UnsafeBufferPointer<UInt8>, limits: SessionLimits = SessionLimits()) throws(FrameError)
    {
        var reader = JSONReader(bytes, maximumDepth: Self.maximumDepth)
        var fields = ClientFrameFields()
        try fields.read(from: &reader)
        do { try reader.finish() } catch { throw FrameError(error) }
        self = try fields.frame(bytes, limits)
    }

    /// Reads one message of a client.
    public init(decoding bytes: [UInt8], limits: SessionLimits = SessionLimits()) throws(FrameError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(FrameError) in
            try ClientFrame(decoding: buffer, limits: limits)
        }
    }
}

/// The fields of a client's message, in whatever order they came.
private struct ClientFrameFields {
    enum Kind { case operation, cursor, selection, resync, ping }

    var kind: Kind?
    var operationID: OperationID?
    var version: Version?
    // Kept as a place in the bytes, since only the other fields say what to make of it.
    var operation: Range<Int>?
    // A trace that cannot be read is none (W3C Trace Context, section 4.3): it never costs the operation.
    var trace: Range<Int>?
    var position: Int??
    var range: SelectionRange??
    var cursor: Int??
    var selection: SelectionRange??

    mutating func read(from reader: inout JSONReader) throws(FrameError) {
        try reader.members { (key, reader) throws(FrameError) in
            switch key {
            case "type": try once(kind, "type"); kind = try Self.kind(&reader)
            case "operationId": try once(operationID, "operationId"); operationID = try reader.operationID()
            case "version": try once(version, "version"); version = try reader.version()
            case "operation":
                try once(operation, "operation")
                operation = try place(&reader)
            case "traceparent":
                try once(trace, "traceparent")
                do { trace = try reader.skipValue() } catch {
                    throw FrameError(.protocolError, "traceparent: \(error)")
                }
            case "position": try once(position, "position"); position = .some(try reader.position("position"))
            case "range": try once(range, "range"); range = .some(try reader.selection("range"))
            case "cursor": try once(cursor, "cursor"); cursor = .some(try reader.position("cursor"))
            case "selection": try once(selection, "selection"); selection = .some(try reader.selection("selection"))
            default: try reader.skip()
            }
        }
    }

    private func once<Value>(_ value: Value?, _ name: StaticString) throws(FrameError) {
        guard value == nil else { throw FrameError(.protocolError, "\(name) comes twice") }
    }

    /// Where the operation stands. JSON that is well-formed but cannot be an operation is that operation's fault, not
    /// the message's.
    private func place(_ reader: inout JSONReader) throws(FrameError) -> Range<Int> {
        do {
            return try reader.skipValue()
        } catch {
            switch error.reason {
            case .loneSurrogate, .tooDeep:
                throw FrameError(.invalidOperation, "operation: \(error)", operationID: operationID)
            default: throw FrameError(.protocolError, "operation: \(error)")
            }
        }
    }

    private static func kind(_ reader: inout JSONReader) throws(FrameError) -> Kind {
        let key: JSONKey
        do { key = try reader.readStringKey() } catch { throw FrameError(.protocolError, "type: \(error)") }
        switch key {
        case "operation": return .operation
        case "cursor": return .cursor
        case "selection": return .selection
        case "resync": return .resync
        case "ping": return .ping
        default: throw FrameError(.protocolError, "unknown type \(key.string.prefix(40).debugDescription)")
        }
    }

    func frame(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: SessionLimits) throws(FrameError) -> ClientFrame {
        guard let kind else { throw FrameError(.protocolError, "type is missing") }
        switch kind {
        case .resync: return .resync
        case .ping: return .ping
        case .cursor:
            guard let position else { throw FrameError(.protocolError, "position is missing") }
            return .cursor(try presenceVersion(), position)
        case .selection:
            guard let range else { throw FrameError(.protocolError, "range is missing") }
            return .selection(try presenceVersion(), range)
        case .operation: return try operationFrame(bytes, limits)
        }
    }

    private func presenceVersion() throws(FrameError) -> Version {
        guard let version else { throw FrameError(.protocolError, "version is missing") }
        guard version >= .initial else { throw FrameError(.protocolError, "version is negative") }
        return version
    }

    private func operationFrame(
        _ bytes: UnsafeBufferPointer<UInt8>, _ limits: SessionLimits
    ) throws(FrameError) -> ClientFrame {
        guard let operationID else { throw FrameError(.protocolError, "operationId is missing") }
        guard let version else {
            throw FrameError(.protocolError, "version is missing", operationID: operationID)
        }
        guard let operation else {
            throw FrameError(.protocolError, "operation is missing", operationID: operationID)
        }
        guard operation.count <= limits.operationBytes else {
            throw FrameError(
                .tooLarge, "the operation has \(operation.count) bytes, more than \(limits.operationBytes)",
                operationID: operationID)
        }
        guard version >= .initial else {
            throw FrameError(.invalidOperation, "version is negative", operationID: operationID)
        }
        var reader = JSONReader(UnsafeBufferPointer(rebasing: bytes[operation]), maximumDepth: ClientFrame.maximumDepth)
        let delta: Delta
        do {
            delta = try Delta(reading: &reader)
        } catch {
            throw FrameError(.invalidOperation, "\(error)", operationID: operationID)
        }
        do { try delta.validate() } catch {
            throw FrameError(.invalidOperation, "\(error)", operationID: operationID)
        }
        var presence: Presence?
        if cursor != nil || selection != nil {
            presence = Presence(cursor: cursor ?? nil, selection: selection ?? nil)
        }
        return .operation(operationID, base: version, delta, presence, context(bytes))
    }

    /// The value between the quotes, which has no escapes.
    private func context(_ bytes: UnsafeBufferPointer<UInt8>) -> TraceContext? {
        guard let trace, trace.count > 2 else { return nil }
        return TraceContext(utf8: UnsafeBufferPointer(rebasing: bytes[trace.lowerBound + 1..<trace.upperBound - 1]))
    }
}
