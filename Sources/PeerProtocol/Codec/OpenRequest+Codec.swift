internal import CollabModel
internal import Delta
internal import DocumentCore

extension OpenRequest: PeerFramed {
    package static var frameKind: UInt8 { 3 }

    package func write(to writer: inout PeerWriter) {
        writer.document(hello.document)
        writer.identity(hello.gateway)
        writer.optional(hello.holds) {
            $0.version($1.version)
            $0.digest($1.digest)
        }
        writer.bool(mayActivate)
        writer.optional(suspicion) { writer, suspicion in
            switch suspicion {
            case .refused(let owner, let epoch): writer.suspicion(1, owner, epoch)
            case .expired(let owner, let epoch): writer.suspicion(2, owner, epoch)
            case .unreachable(let owner, let epoch): writer.suspicion(3, owner, epoch)
            }
        }
    }

    package init(from reader: inout PeerReader) throws(PeerCodecError) {
        let document = try reader.document()
        let gateway = try reader.identity()
        let holds = try reader.optional { (reader) throws(PeerCodecError) in
            StreamHello.Held(version: try reader.version(), digest: try reader.digest())
        }
        self.init(
            hello: StreamHello(document: document, gateway: gateway, holds: holds),
            mayActivate: try reader.bool(),
            suspicion: try reader.optional { (reader) throws(PeerCodecError) in try reader.suspicion() })
    }
}

extension OpenRefusal: PeerFramed {
    package static var frameKind: UInt8 { 4 }

    package func write(to writer: inout PeerWriter) {
        switch self {
        case .ownedBy(let record, let epoch):
            writer.byte(1)
            writer.record(record)
            writer.epoch(epoch)
        case .notOwner: writer.byte(2)
        case .noSuchDocument: writer.byte(3)
        case .damaged(let reason):
            writer.byte(4)
            writer.string(reason)
        case .draining: writer.byte(5)
        case .unavailable(let reason):
            writer.byte(6)
            writer.string(reason)
        }
    }

    package init(from reader: inout PeerReader) throws(PeerCodecError) {
        switch try reader.byte() {
        case 1: self = .ownedBy(try reader.record(), try reader.epoch())
        case 2: self = .notOwner
        case 3: self = .noSuchDocument
        case 4: self = .damaged(try reader.string())
        case 5: self = .draining
        case 6: self = .unavailable(try reader.string())
        case let tag: throw .unknownCase("a refusal", tag)
        }
    }
}

extension PeerWriter {
    fileprivate mutating func suspicion(_ tag: UInt8, _ owner: NodeIdentity, _ epoch: Epoch) {
        byte(tag)
        identity(owner)
        self.epoch(epoch)
    }
}

extension PeerReader {
    fileprivate mutating func suspicion() throws(PeerCodecError) -> OwnerSuspicion {
        switch try byte() {
        case 1: return .refused(try identity(), try epoch())
        case 2: return .expired(try identity(), try epoch())
        case 3: return .unreachable(try identity(), try epoch())
        case let tag: throw .unknownCase("a suspicion", tag)
        }
    }
}
