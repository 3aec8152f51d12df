internal import CollabModel
internal import Delta
internal import DocumentCore

extension ReplicaFrame: PeerFramed {
    package static var frameKind: UInt8 { 1 }

    package func write(to writer: inout PeerWriter) {
        writer.epoch(epoch)
        switch message {
        case .join(let request):
            writer.byte(1)
            writer.join(request)
        case .leave(let client, let connection):
            writer.byte(2)
            writer.client(client)
            writer.connection(connection)
        case .submit(let submission):
            writer.byte(submission.trace == nil ? 3 : 6)
            writer.submission(submission)
            if let trace = submission.trace { writer.trace(trace) }
        case .presence(let client, let connection, let version, let presence):
            writer.byte(4)
            writer.client(client)
            writer.connection(connection)
            writer.version(version)
            writer.presence(presence)
        case .askCommitted(let question):
            writer.byte(5)
            writer.unsigned(question)
        }
    }

    package init(from reader: inout PeerReader) throws(PeerCodecError) {
        let epoch = try reader.epoch()
        let message: ReplicaMessage
        switch try reader.byte() {
        case 1: message = .join(try reader.join())
        case 2: message = .leave(try reader.client(), try reader.connection())
        case 3: message = .submit(try reader.submission())
        case 4:
            message = .presence(
                try reader.client(), try reader.connection(), try reader.version(), try reader.presence())
        case 5: message = .askCommitted(question: try reader.unsigned())
        case 6:
            var submission = try reader.submission()
            submission.trace = try reader.trace()
            message = .submit(submission)
        case let tag: throw .unknownCase("a replica's message", tag)
        }
        self.init(epoch: epoch, message: message)
    }
}

extension PeerWriter {
    fileprivate mutating func join(_ value: JoinRequest) {
        unsigned(value.session.value)
        client(value.clientID)
        profile(value.profile)
        permission(value.permission)
        optional(value.order) { $0.unsigned($1.value) }
        optional(value.number) { $0.connection($1) }
        presence(value.presence)
    }

    fileprivate mutating func submission(_ value: Submission) {
        client(value.clientID)
        connection(value.connection)
        operation(value.operationID)
        version(value.base)
        raw(value.delta.jsonUTF8)
        optional(value.presence) { $0.presence($1) }
    }
}

extension PeerReader {
    fileprivate mutating func join() throws(PeerCodecError) -> JoinRequest {
        JoinRequest(
            session: SessionToken(try unsigned()), clientID: try client(), profile: try profile(),
            permission: try permission(),
            order: try optional { (reader) throws(PeerCodecError) in ConnectionOrder(try reader.unsigned()) },
            number: try optional { (reader) throws(PeerCodecError) in try reader.connection() },
            presence: try presence())
    }

    fileprivate mutating func submission() throws(PeerCodecError) -> Submission {
        Submission(
            clientID: try client(), connection: try connection(), operationID: try operation(), base: try version(),
            delta: try delta().delta,
            presence: try optional { (reader) throws(PeerCodecError) in try reader.presence() })
    }
}
