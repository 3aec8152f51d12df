internal import CollabModel
internal import HTTP2Session
internal import RuntimePorts

/// Where what is asked of a node: the paths of the peer protocol.
enum PeerEndpoint: Sendable, Hashable {
    case stream
    case request

    func path(version: Int) -> String {
        switch self {
        case .stream: "\(PeerHeaders.pathPrefix)\(version)/stream"
        case .request: "\(PeerHeaders.pathPrefix)\(version)/request"
        }
    }
}

/// The header fields of the peer protocol, the same for all streams of a connection.
struct PeerHeaders: Sendable {
    static let pathPrefix = "/collab.peer/"
    static let protocolField = "collab-protocol"
    static let clusterField = "collab-cluster"
    static let nodeField = "collab-node"
    static let incarnationField = "collab-incarnation"
    static let reasonField = "collab-reason"

    enum Status: String, Sendable {
        case accepted = "200"
        case malformed = "400"
        case unknownPath = "404"
        case declined = "409"
        case tooLarge = "413"
        case otherCluster = "421"
        case otherVersion = "426"
        case unavailable = "503"
    }

    private let version: Int
    private let cluster: String
    private let blocks: [Status: HTTP2HeaderBlock]

    init(_ configuration: HTTP2PeerTransportConfiguration) {
        version = configuration.protocolVersion
        cluster = configuration.cluster
        var blocks: [Status: HTTP2HeaderBlock] = [:]
        let statuses: [(Status, String?)] = [
            (.accepted, nil), (.declined, nil), (.malformed, "malformed request"), (.unknownPath, "unknown path"),
            (.tooLarge, "request too large"),
            (.otherCluster, "this node belongs to the cluster \(configuration.cluster)"),
            (.otherVersion, "this node speaks version \(configuration.protocolVersion) of the peer protocol"),
            (.unavailable, "this node does not serve"),
        ]
        for (status, reason) in statuses {
            var block = HTTP2HeaderBlock([(":status", status.rawValue), (Self.protocolField, String(version))])
            if let reason { block.append(Self.reasonField, reason) }
            blocks[status] = block
        }
        self.blocks = blocks
    }

    func response(_ status: Status) -> HTTP2HeaderBlock {
        blocks[status] ?? HTTP2HeaderBlock([(":status", status.rawValue)])
    }

    static func request(
        _ endpoint: PeerEndpoint, _ configuration: HTTP2PeerTransportConfiguration, to address: PeerAddress
    ) -> HTTP2HeaderBlock {
        HTTP2HeaderBlock([
            (":method", "POST"),
            (":scheme", configuration.tls == nil ? "http" : "https"),
            (":authority", "\(address)"),
            (":path", endpoint.path(version: configuration.protocolVersion)),
            (protocolField, String(configuration.protocolVersion)),
            (clusterField, configuration.cluster),
            (nodeField, configuration.node.node.text),
            (incarnationField, String(configuration.node.incarnation.value)),
        ])
    }

    /// What a peer's status means to the one who asked: `accepted`, `declined`, or a failure.
    static func outcome(of headers: HTTP2HeaderBlock) -> Result<Status, PeerFailure> {
        let text = headers.value(of: ":status") ?? ""
        let status = Status(rawValue: text)
        switch status {
        case .accepted?: return .success(.accepted)
        case .declined?: return .success(.declined)
        case .otherVersion?:
            return .failure(.version(theirs: headers.value(of: protocolField).flatMap { Int($0) } ?? 0))
        case .unavailable?: return .failure(.closed)
        default:
            let reason = headers.value(of: reasonField) ?? "no reason given"
            return .failure(.protocolError("status \(text): \(reason)"))
        }
    }

    /// Who asks for what, or the status that refuses it.
    func admit(_ headers: HTTP2HeaderBlock) -> Result<(PeerEndpoint, NodeIdentity), PeerRefusal> {
        guard let path = headers.value(of: ":path"), path.hasPrefix(Self.pathPrefix) else {
            return .failure(PeerRefusal(.unknownPath))
        }
        let parts = path.dropFirst(Self.pathPrefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let asked = Int(parts[0]) else { return .failure(PeerRefusal(.unknownPath)) }
        guard asked == version else { return .failure(PeerRefusal(.otherVersion)) }
        guard headers.value(of: ":method") == "POST", headers.value(of: Self.protocolField) == String(version),
            let node = headers.value(of: Self.nodeField).flatMap({ NodeID($0) }),
            let incarnation = headers.value(of: Self.incarnationField).flatMap({ Int64($0) })
        else { return .failure(PeerRefusal(.malformed)) }
        guard headers.value(of: Self.clusterField) == cluster else { return .failure(PeerRefusal(.otherCluster)) }
        let identity = NodeIdentity(node: node, incarnation: Incarnation(incarnation))
        switch parts[1] {
        case "stream": return .success((.stream, identity))
        case "request": return .success((.request, identity))
        default: return .failure(PeerRefusal(.unknownPath))
        }
    }
}

/// A request that is answered by a status alone.
struct PeerRefusal: Error {
    let status: PeerHeaders.Status
    init(_ status: PeerHeaders.Status) { self.status = status }
}
