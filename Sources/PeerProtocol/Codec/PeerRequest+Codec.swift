internal import CollabModel

extension PeerRequest: PeerFramed {
    package static var frameKind: UInt8 { 5 }

    package func write(to writer: inout PeerWriter) {
        switch self {
        case .probe: writer.byte(1)
        case .takeOver(let document, let epoch, let head):
            writer.byte(2)
            writer.document(document)
            writer.epoch(epoch)
            writer.version(head)
        case .canYouReach(let address, let milliseconds):
            writer.byte(3)
            writer.address(address)
            writer.integer(milliseconds)
        case .locate(let document):
            writer.byte(4)
            writer.document(document)
        case .drain: writer.byte(5)
        case .superseded(let document, let epoch):
            writer.byte(6)
            writer.document(document)
            writer.epoch(epoch)
        case .undrain: writer.byte(7)
        case .report(let query):
            writer.byte(8)
            writer.query(query)
        }
    }

    package init(from reader: inout PeerReader) throws(PeerCodecError) {
        switch try reader.byte() {
        case 1: self = .probe
        case 2: self = .takeOver(try reader.document(), epoch: try reader.epoch(), head: try reader.version())
        case 3: self = .canYouReach(try reader.address(), milliseconds: try reader.integer())
        case 4: self = .locate(try reader.document())
        case 5: self = .drain
        case 6: self = .superseded(try reader.document(), try reader.epoch())
        case 7: self = .undrain
        case 8: self = .report(try reader.query())
        case let tag: throw .unknownCase("a request", tag)
        }
    }
}

extension PeerResponse: PeerFramed {
    package static var frameKind: UInt8 { 6 }

    package func write(to writer: inout PeerWriter) {
        switch self {
        case .alive(let record):
            writer.byte(1)
            writer.record(record)
        case .tookOver(let epoch):
            writer.byte(2)
            writer.epoch(epoch)
        case .reachable(let isReachable):
            writer.byte(3)
            writer.bool(isReachable)
        case .located(let epoch, let version, let sessions):
            writer.byte(4)
            writer.epoch(epoch)
            writer.version(version)
            writer.integer(sessions)
        case .notOwner: writer.byte(5)
        case .draining: writer.byte(6)
        case .failed(let reason):
            writer.byte(7)
            writer.string(reason)
        case .noted: writer.byte(8)
        case .report(let report):
            writer.byte(9)
            writer.report(report)
        }
    }

    package init(from reader: inout PeerReader) throws(PeerCodecError) {
        switch try reader.byte() {
        case 1: self = .alive(try reader.record())
        case 2: self = .tookOver(try reader.epoch())
        case 3: self = .reachable(try reader.bool())
        case 4: self = .located(try reader.epoch(), try reader.version(), sessions: try reader.integer())
        case 5: self = .notOwner
        case 6: self = .draining
        case 7: self = .failed(try reader.string())
        case 8: self = .noted
        case 9: self = .report(try reader.report())
        case let tag: throw .unknownCase("a response", tag)
        }
    }
}
