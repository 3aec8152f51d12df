internal import CollabModel
internal import Delta
internal import DocumentCore
internal import PeerProtocol
internal import RuntimePorts
internal import Synchronization

extension PeerTransportContract {
    /// Far longer than anything takes, so that it is reached only where a promise is broken.
    static let longTime: Duration = .seconds(60)

    static func opening(_ environment: Environment, _ number: UInt64 = 1, mayActivate: Bool = true) -> OpenRequest {
        OpenRequest(
            hello: StreamHello(
                document: DocumentID(Identifier128(high: 0, low: number)), gateway: environment.gatewayIdentity,
                holds: .init(version: Version(Int64(number)), digest: Digest(rawValue: number))),
            mayActivate: mayActivate, suspicion: .refused(environment.gatewayIdentity, Epoch(3)))
    }

    /// Opens a stream; returns both ends of it.
    static func openStream(
        _ environment: Environment, _ service: RecordingPeerService, _ number: UInt64 = 1
    ) async throws -> (ReplicaStream, PeerRecorder<OwnerFrame>, RecordingPeerService.Accepted) {
        let events = PeerRecorder<OwnerFrame>()
        let result = try await environment.gateway.open(
            opening(environment, number), to: environment.ownerAddress, timeout: longTime, handler: events.handler)
        guard case .opened(let stream) = result else { throw Violation(description: "declined: \(result)") }
        return (stream, events, await service.nextAccepted())
    }

    static func question(_ number: UInt64) -> ReplicaFrame {
        ReplicaFrame(epoch: Epoch(1), message: .askCommitted(question: number))
    }

    static func answer(_ number: UInt64) -> OwnerFrame {
        OwnerFrame(epoch: Epoch(1), message: .committed(question: number, Version(Int64(number))))
    }

    /// A message of about so many bytes.
    static func large(_ bytes: Int, _ owner: NodeIdentity) -> OwnerFrame {
        OwnerFrame(
            epoch: Epoch(1),
            message: .opened(
                StreamOpening(
                    epoch: Epoch(1), owner: owner,
                    state: .content(
                        version: Version(1), digest: Digest(rawValue: 1),
                        encoded: [UInt8](repeating: UInt8(ascii: "x"), count: bytes)),
                    clients: [], isDegraded: false)))
    }

    /// The failure that a call comes to.
    static func failure<Success: Sendable>(
        _ environment: Environment, _ call: @escaping @Sendable () async throws -> Success
    ) async throws -> PeerFailure {
        let isOver = OverFlag()
        // Unstructured so that its end can be looked at while time is let pass.
        let task = Task {
            defer { isOver.raise() }
            return try await call()
        }
        if let letTimePass = environment.letTimePass {
            while !isOver.isRaised { await letTimePass() }
        }
        switch await task.result {
        case .failure(let failure as PeerFailure): return failure
        case .failure(let error): throw error
        case .success(let success): throw Violation(description: "came to \(success), not to a failure")
        }
    }
}

/// Whether something is over.
private final class OverFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRaised: Bool { flag.load(ordering: .acquiring) }
    func raise() { flag.store(true, ordering: .releasing) }
}
