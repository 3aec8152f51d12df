internal import CollabModel
internal import Delta
internal import DocumentCore

extension PeerWriter {
    mutating func opening(_ value: StreamOpening) {
        epoch(value.epoch)
        identity(value.owner)
        switch value.state {
        case .operations(let operations):
            byte(1)
            array(operations) { $0.committed($1) }
        case .content(let version, let digest, let encoded):
            byte(2)
            self.version(version)
            self.digest(digest)
            raw(encoded)
        }
        array(value.clients) { $0.entry($1) }
        bool(value.isDegraded)
    }

    mutating func entry(_ value: ClientEntry) {
        client(value.clientID)
        profile(value.profile)
        presence(value.presence)
    }

    mutating func committed(_ value: CommittedOperation) {
        version(value.version)
        epoch(value.epoch)
        client(value.clientID)
        user(value.userID)
        operation(value.operationID)
        digest(value.digest)
        raw(value.encodedDelta)
    }

    mutating func end(_ value: StreamEnd) {
        switch value {
        case .movedTo(let record, let epoch):
            byte(1)
            self.record(record)
            self.epoch(epoch)
        case .steppedDown: byte(2)
        case .deleted: byte(3)
        case .failed(let reason):
            byte(4)
            string(reason)
        case .overflow: byte(5)
        }
    }
}

extension PeerReader {
    /// Two integers, an id, two strings of one byte, a digest, and the shortest delta `[]`.
    private static let minimumOperationBytes = 1 + 1 + 16 + 2 + 2 + 8 + 3
    /// An id, a user id of one byte, two empty strings, and two absent positions.
    private static let minimumEntryBytes = 16 + 2 + 1 + 1 + 1 + 1

    mutating func opening() throws(PeerCodecError) -> StreamOpening {
        let epoch = try epoch()
        let owner = try identity()
        let state: StreamOpening.State
        switch try byte() {
        case 1: state = .operations(try committedOperations())
        case 2: state = .content(version: try version(), digest: try digest(), encoded: try raw())
        case let tag: throw .unknownCase("a stream's opening", tag)
        }
        let clients = try array(minimumBytes: Self.minimumEntryBytes) { (reader) throws(PeerCodecError) in
            try reader.entry()
        }
        return StreamOpening(epoch: epoch, owner: owner, state: state, clients: clients, isDegraded: try bool())
    }

    mutating func committedOperations() throws(PeerCodecError) -> [CommittedOperation] {
        try array(minimumBytes: Self.minimumOperationBytes) { (reader) throws(PeerCodecError) in
            try reader.committed()
        }
    }

    mutating func entry() throws(PeerCodecError) -> ClientEntry {
        ClientEntry(clientID: try client(), profile: try profile(), presence: try presence())
    }

    private mutating func committed() throws(PeerCodecError) -> CommittedOperation {
        let version = try version()
        let epoch = try epoch()
        let client = try client()
        let user = try user()
        let operation = try operation()
        let digest = try digest()
        let (delta, encoded) = try delta()
        return CommittedOperation(
            version: version, epoch: epoch, clientID: client, userID: user, operationID: operation, delta: delta,
            encodedDelta: encoded, digest: digest)
    }

    mutating func end() throws(PeerCodecError) -> StreamEnd {
        switch try byte() {
        case 1: return .movedTo(try record(), try epoch())
        case 2: return .steppedDown
        case 3: return .deleted
        case 4: return .failed(try string())
        case 5: return .overflow
        case let tag: throw .unknownCase("a stream's end", tag)
        }
    }
}
