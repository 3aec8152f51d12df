import CollabModel
import Delta
import DocumentCore
import JSON
import PeerProtocol
import Randomness

// Values of every message, with every case of every enum in turn.
extension SplitMix64 {
    static let replicaCases = 5
    static let ownerCases = 14
    static let refusalCases = 6
    static let requestCases = 8
    static let responseCases = 9

    mutating func identifier() -> Identifier128 { .random(using: &self) }
    mutating func document() -> DocumentID { DocumentID(identifier()) }
    mutating func client() -> ClientID { ClientID(identifier()) }
    mutating func operation() -> OperationID { OperationID("op-\(below(1_000_000))-é")! }
    mutating func user() -> UserID { UserID("u" + string()) ?? UserID("user")! }
    mutating func version() -> Version { Version(integer()) }
    mutating func epoch() -> Epoch { Epoch(integer()) }
    mutating func connection() -> ConnectionNumber { ConnectionNumber(next()) }
    mutating func digest() -> Digest { Digest(rawValue: next()) }
    mutating func code() -> ErrorCode { ErrorCode.allCases[below(ErrorCode.allCases.count)] }

    mutating func identity() -> NodeIdentity {
        NodeIdentity(node: NodeID("node-\(below(100))")!, incarnation: Incarnation(integer()))
    }

    mutating func address() -> PeerAddress { PeerAddress(host: string(), port: below(65_536)) }

    mutating func record() -> NodeRecord {
        let identity = identity()
        return NodeRecord(
            id: identity.node, incarnation: identity.incarnation, peerAddress: address(), publicURL: string(),
            capacity: Int(integer()), isDraining: bool(), ownedDocuments: Int(integer()), sessions: Int(integer()))
    }

    mutating func profile() -> ClientProfile { ClientProfile(userID: user(), name: string(), color: string()) }

    mutating func presence() -> Presence {
        Presence(
            cursor: bool() ? Int(integer()) : nil,
            selection: bool() ? SelectionRange(index: Int(integer()), length: Int(integer())) : nil)
    }

    mutating func delta() -> Delta {
        var delta = Delta()
        for _ in 0..<below(6) {
            switch below(4) {
            case 0: delta.insert(string(1...12))
            case 1: delta.insert(string(1...12), attributes: ["bold": .bool(true), "color": .string("#fff")])
            case 2: delta.retain(1 + below(1_000), attributes: bool() ? ["italic": .null] : .none)
            default: delta.delete(1 + below(1_000))
            }
        }
        return delta
    }

    mutating func committed() -> CommittedOperation {
        let delta = delta()
        return CommittedOperation(
            version: version(), epoch: epoch(), clientID: client(), userID: user(), operationID: operation(),
            delta: delta, encodedDelta: delta.jsonUTF8, digest: digest())
    }

    mutating func committedOperations(_ count: Int) -> [CommittedOperation] { (0..<count).map { _ in committed() } }
    mutating func entry() -> ClientEntry { ClientEntry(clientID: client(), profile: profile(), presence: presence()) }

    mutating func trace() -> TraceContext {
        TraceContext(
            traceID: Identifier128(high: next(), low: next() | 1), spanID: next() | 1, flags: UInt8(below(256)))
    }

    mutating func replicaFrame(_ tag: Int) -> ReplicaFrame {
        let message: ReplicaMessage =
            switch tag {
            case 0:
                .join(
                    JoinRequest(
                        session: SessionToken(next()), clientID: client(), profile: profile(),
                        permission: Permission.allCases[below(3)],
                        order: bool() ? ConnectionOrder(next() >> 11) : nil, number: bool() ? connection() : nil,
                        presence: presence()))
            case 1: .leave(client(), connection())
            case 2:
                .submit(
                    Submission(
                        clientID: client(), connection: connection(), operationID: operation(), base: version(),
                        delta: delta(), presence: bool() ? presence() : nil, trace: bool() ? trace() : nil))
            case 3: .presence(client(), connection(), version(), presence())
            default: .askCommitted(question: next())
            }
        return ReplicaFrame(epoch: epoch(), message: message)
    }

    mutating func opening() -> StreamOpening {
        StreamOpening(
            epoch: epoch(), owner: identity(),
            state: bool()
                ? .operations(committedOperations(below(4)))
                : .content(version: version(), digest: digest(), encoded: (0..<below(300)).map { UInt8($0 & 0xFF) }),
            clients: (0..<below(4)).map { _ in entry() }, isDegraded: bool())
    }

    mutating func end() -> StreamEnd {
        switch below(5) {
        case 0: .movedTo(record(), epoch())
        case 1: .steppedDown
        case 2: .deleted
        case 3: .failed(string())
        default: .overflow
        }
    }

    mutating func ownerFrame(_ tag: Int) -> OwnerFrame {
        let message: OwnerMessage =
            switch tag {
            case 0: .opened(opening())
            case 1:
                .joined(JoinAcceptance(session: SessionToken(next()), clientID: client(), connection: connection()))
            case 2: .joinRefused(SessionToken(next()), code(), string())
            case 3:
                .commits(
                    CommitBatch(
                        operations: committedOperations(1 + below(4)), committedAtMicroseconds: integer(),
                        traces: (0..<below(3)).map { _ in CommitTrace(version: version(), context: trace()) }))
            case 4: .clientJoined(entry())
            case 5: .clientLeft(client())
            case 6: .presence(client(), version(), presence())
            case 7: .acknowledged(client(), connection(), operation(), version(), digest())
            case 8: .rejected(client(), connection(), operation(), code(), string())
            case 9: .committed(question: next(), version())
            case 10: .replaced(client(), connection())
            case 11: .degraded(string())
            case 12: .restored
            default: .end(end())
            }
        return OwnerFrame(epoch: epoch(), message: message)
    }

    mutating func openRequest() -> OpenRequest {
        let suspicion: OwnerSuspicion? =
            switch below(4) {
            case 0: .refused(identity(), epoch())
            case 1: .expired(identity(), epoch())
            case 2: .unreachable(identity(), epoch())
            default: nil
            }
        return OpenRequest(
            hello: StreamHello(
                document: document(), gateway: identity(),
                holds: bool() ? .init(version: version(), digest: digest()) : nil),
            mayActivate: bool(), suspicion: suspicion)
    }

    mutating func refusal(_ tag: Int) -> OpenRefusal {
        switch tag {
        case 0: .ownedBy(record(), epoch())
        case 1: .notOwner
        case 2: .noSuchDocument
        case 3: .damaged(string())
        case 4: .draining
        default: .unavailable(string())
        }
    }

    mutating func request(_ tag: Int) -> PeerRequest {
        switch tag {
        case 0: .probe
        case 1: .takeOver(document(), epoch: epoch(), head: version())
        case 2: .canYouReach(address(), milliseconds: Int(integer()))
        case 3: .locate(document())
        case 4: .superseded(document(), epoch())
        case 5: .undrain
        case 6: .report(ReportQuery(documents: Int(integer()), history: bool() ? document() : nil))
        default: .drain
        }
    }

    mutating func report() -> NodeReport {
        NodeReport(
            record: record(), startedAtMilliseconds: integer(), windowMilliseconds: Int(integer()),
            operations: Int(integer()), processorMicroseconds: integer(), residentBytes: integer(),
            documents: (0..<below(4)).map { _ in
                NodeReport.Document(
                    document: document(), epoch: epoch(), version: version(), sessions: Int(integer()),
                    operations: Int(integer()))
            },
            changes: OwnershipChange.Cause.allCases.prefix(below(6)).map { cause in
                OwnershipChange(
                    document: document(), epoch: epoch(), version: version(), cause: cause,
                    from: bool() ? identity().node : nil, to: identity().node, atMilliseconds: integer(),
                    takeoverMicroseconds: integer())
            },
            gaps: (0..<below(4)).map { _ in
                OwnerlessGap(document: document(), lostEpoch: epoch(), microseconds: integer())
            })
    }

    mutating func response(_ tag: Int) -> PeerResponse {
        switch tag {
        case 0: .alive(record())
        case 1: .tookOver(epoch())
        case 2: .reachable(bool())
        case 3: .located(epoch(), version(), sessions: Int(integer()))
        case 4: .notOwner
        case 5: .draining
        case 6: .noted
        case 7: .report(report())
        default: .failed(string())
        }
    }
}
