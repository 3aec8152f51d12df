internal import CollabModel
internal import DocumentCore
internal import PeerProtocol
internal import RuntimePorts

// What nodes say to each other. `nil`: not worth a line.
extension Narrator {
    func words(_ request: OpenRequest) -> String {
        var words = "open a stream for \(name(request.hello.document))"
        if let holds = request.hello.holds { words += ", holding version \(holds.version)" }
        switch request.suspicion {
        case .refused(let owner, let epoch): words += "; \(owner.node), owner in epoch \(epoch), refuses connections"
        case .expired(let owner, let epoch): words += "; the lease of \(owner.node), owner in epoch \(epoch), is gone"
        case .unreachable(let owner, let epoch):
            words += "; nobody reaches \(owner.node), owner in epoch \(epoch)"
        case nil: break
        }
        return words
    }

    func words(_ refusal: OpenRefusal) -> String {
        switch refusal {
        case .ownedBy(let record, let epoch): "no: \(record.id) owns it in epoch \(epoch)"
        case .notOwner: "no: not the owner"
        case .noSuchDocument: "no: no such document"
        case .damaged(let message): "no: damaged, \(message)"
        case .draining: "no: leaving the cluster"
        case .unavailable(let message): "not now: \(message)"
        }
    }

    func words(_ request: PeerRequest) -> String? {
        switch request {
        case .probe: nil
        case .takeOver(let document, let epoch, let head):
            "take \(name(document)) over from epoch \(epoch): everything is durable up to \(head)"
        case .canYouReach(let address, _): "can you reach \(address.host)?"
        case .locate(let document): "do you own \(name(document))?"
        case .superseded(let document, let epoch): "\(name(document)) has been taken over in epoch \(epoch)"
        case .drain: "leave the cluster"
        case .undrain: "do not leave the cluster"
        case .report: nil
        }
    }

    func words(_ response: PeerResponse) -> String? {
        switch response {
        case .alive, .noted, .report: nil
        case .tookOver(let epoch): "taken over, epoch \(epoch)"
        case .reachable(let isReachable): isReachable ? "yes, I can" : "no, I cannot"
        case .located(let epoch, let version, _): "yes, in epoch \(epoch), at version \(version)"
        case .notOwner: "not the owner"
        case .draining: "leaving"
        case .failed(let message): "failed: \(message)"
        }
    }

    func words(_ frame: ReplicaFrame) -> String? {
        switch frame.message {
        case .join(let request):
            "join \(name(request.clientID))"
                + (request.number.map { ", connection \(Self.words($0))" } ?? ", a new connection")
        case .leave(let client, _): "leave \(name(client))"
        case .submit(let submission):
            "submit \(submission.operationID) of \(name(submission.clientID)), based on \(submission.base): \(submission.delta)"
        case .presence: nil
        case .askCommitted: "how far is the log?"
        }
    }

    func words(_ frame: OwnerFrame) -> String? {
        switch frame.message {
        case .opened(let opening):
            switch opening.state {
            case .operations(let operations):
                "opened in epoch \(opening.epoch), with \(operations.count) operations that you lack"
            case .content(let version, _, _): "opened in epoch \(opening.epoch), with all of version \(version)"
            }
        case .joined(let joined): "joined \(name(joined.clientID)), connection \(Self.words(joined.connection))"
        case .joinRefused(_, let code, let message): "join refused, \(code.rawValue): \(message)"
        case .commits(let batch): batch.operations.map(words).joined(separator: "; ")
        case .clientJoined, .clientLeft, .presence: nil as String?
        case .acknowledged(let client, _, let id, let version, _):
            "\(id) of \(name(client)) is durable already, as version \(version)"
        case .rejected(let client, _, let id, let code, let message):
            "\(id) of \(name(client)) rejected, \(code.rawValue): \(message)"
        case .committed(_, let version): "the log is at version \(version)"
        case .replaced(let client, let number): "\(name(client))'s connection \(Self.words(number)) was replaced"
        case .degraded(let message): "degraded: \(message)"
        case .restored: "restored"
        case .end(let end): Self.words(end)
        }
    }

    func words(_ operation: CommittedOperation) -> String {
        "version \(operation.version) is \(operation.operationID) of \(name(operation.clientID)): \(operation.delta)"
    }

    func words(_ append: DocumentAppend) -> String {
        let first = append.operations.first?.version ?? .initial
        let last = append.operations.last?.version ?? .initial
        let versions = first == last ? "version \(first)" : "versions \(first) to \(last)"
        return "\(versions) of \(name(append.document)) in epoch \(append.epoch)"
    }

    private static func words(_ number: ConnectionNumber) -> String {
        "\(number.value >> 32).\(number.value & 0xFFFF_FFFF)"
    }

    private static func words(_ end: StreamEnd) -> String {
        switch end {
        case .movedTo(let node, let epoch): "this stream ends: \(node.id) owns it, epoch \(epoch)"
        case .steppedDown: "this stream ends: not the owner any more"
        case .deleted: "this stream ends: deleted"
        case .failed(let message): "this stream ends: \(message)"
        case .overflow: "this stream ends: overflow"
        }
    }
}
