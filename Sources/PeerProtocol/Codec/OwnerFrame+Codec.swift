internal import CollabModel
internal import Delta
internal import DocumentCore

extension OwnerFrame: PeerFramed {
    package static var frameKind: UInt8 { 2 }

    package func write(to writer: inout PeerWriter) {
        writer.epoch(epoch)
        switch message {
        case .opened(let opening):
            writer.byte(1)
            writer.opening(opening)
        case .joined(let acceptance):
            writer.byte(2)
            writer.unsigned(acceptance.session.value)
            writer.client(acceptance.clientID)
            writer.connection(acceptance.connection)
        case .joinRefused(let session, let code, let reason):
            writer.byte(3)
            writer.unsigned(session.value)
            writer.code(code)
            writer.string(reason)
        case .commits(let batch):
            writer.byte(batch.traces.isEmpty ? 4 : 15)
            writer.signed(batch.committedAtMicroseconds)
            writer.array(batch.operations) { $0.committed($1) }
            guard !batch.traces.isEmpty else { return }
            writer.array(batch.traces) {
                $0.version($1.version)
                $0.trace($1.context)
            }
        case .clientJoined(let entry):
            writer.byte(5)
            writer.entry(entry)
        case .clientLeft(let client):
            writer.byte(6)
            writer.client(client)
        case .presence(let client, let version, let presence):
            writer.byte(7)
            writer.client(client)
            writer.version(version)
            writer.presence(presence)
        case .acknowledged(let client, let connection, let operation, let version, let digest):
            writer.byte(8)
            writer.client(client)
            writer.connection(connection)
            writer.operation(operation)
            writer.version(version)
            writer.digest(digest)
        case .rejected(let client, let connection, let operation, let code, let reason):
            writer.byte(9)
            writer.client(client)
            writer.connection(connection)
            writer.operation(operation)
            writer.code(code)
            writer.string(reason)
        case .committed(let question, let version):
            writer.byte(10)
            writer.unsigned(question)
            writer.version(version)
        case .replaced(let client, let connection):
            writer.byte(11)
            writer.client(client)
            writer.connection(connection)
        case .degraded(let reason):
            writer.byte(12)
            writer.string(reason)
        case .restored:
            writer.byte(13)
        case .end(let end):
            writer.byte(14)
            writer.end(end)
        }
    }

    package init(from reader: inout PeerReader) throws(PeerCodecError) {
        self.init(epoch: try reader.epoch(), message: try reader.ownerMessage())
    }
}

extension PeerReader {
    fileprivate mutating func ownerMessage() throws(PeerCodecError) -> OwnerMessage {
        switch try byte() {
        case 1:
            return .opened(try opening())
        case 2:
            return .joined(
                JoinAcceptance(
                    session: SessionToken(try unsigned()), clientID: try client(), connection: try connection()))
        case 3:
            return .joinRefused(SessionToken(try unsigned()), try code(), try string())
        case 4:
            return .commits(try commits())
        case 15:
            var batch = try commits()
            batch.traces = try array(minimumBytes: 1 + Self.traceBytes) { (reader) throws(PeerCodecError) in
                CommitTrace(version: try reader.version(), context: try reader.trace())
            }
            return .commits(batch)
        case 5:
            return .clientJoined(try entry())
        case 6:
            return .clientLeft(try client())
        case 7:
            return .presence(try client(), try version(), try presence())
        case 8:
            return .acknowledged(try client(), try connection(), try operation(), try version(), try digest())
        case 9:
            return .rejected(try client(), try connection(), try operation(), try code(), try string())
        case 10:
            return .committed(question: try unsigned(), try version())
        case 11:
            return .replaced(try client(), try connection())
        case 12:
            return .degraded(try string())
        case 13:
            return .restored
        case 14:
            return .end(try end())
        case let tag:
            throw .unknownCase("an owner's message", tag)
        }
    }

    private mutating func commits() throws(PeerCodecError) -> CommitBatch {
        let committedAt = try signed()
        let operations = try committedOperations()
        guard !operations.isEmpty else { throw .invalid("a batch of commits") }
        return CommitBatch(operations: operations, committedAtMicroseconds: committedAt)
    }
}
