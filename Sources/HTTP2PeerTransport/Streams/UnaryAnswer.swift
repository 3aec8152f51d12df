internal import CollabModel
internal import HTTP2Session
internal import NIOCore
internal import PeerProtocol
internal import RuntimePorts

/// A request of a peer that our service answers.
final class UnaryAnswer: PeerExchange, HTTP2StreamObserver {
    private let stream: HTTP2Stream
    private let peer: NodeIdentity
    private unowned let host: any PeerExchangeHost
    private var isRefused = false

    let id: UInt64
    var deadline: NIODeadline? { nil }

    init(_ stream: HTTP2Stream, from peer: NodeIdentity, host: any PeerExchangeHost) {
        id = stream.tag
        self.stream = stream
        self.peer = peer
        self.host = host
    }

    func didTake(bytes: Int) {}
    func receivedHeaders(_ headers: HTTP2HeaderBlock) {}

    func receivedData() {
        guard !isRefused else { return }
        guard stream.inbound.readableBytes <= host.configuration.unaryBoundBytes else { return refuse(.tooLarge) }
        host.attempt { session throws(HTTP2Error) in try session.consume(stream) }
    }

    func receivedEnd() {
        guard !isRefused else { return }
        let result = stream.inbound.withUnsafeReadableBytes { bytes in
            Result<PeerRequest, PeerCodecError> { () throws(PeerCodecError) in try PeerRequest(frame: bytes) }
        }
        guard case .success(let request) = result else { return refuse(.malformed) }
        guard let service = host.beginAnswer() else { return refuse(.unavailable) }
        let connection = host.connection
        let (id, peer) = (id, peer)
        // Unstructured: it outlives the read that started it. Their number is bounded by `unansweredRequests`.
        Task {
            let answer = await service.answer(request, from: peer)
            // If the connection is gone, so is whoever asked.
            _ = connection.enqueue(.answered(id, answer.encodedFrame))
        }
    }

    func answer(_ frame: [UInt8]) {
        host.forget(self)
        host.attempt { session throws(HTTP2Error) in
            try session.respond(to: stream, host.headers.response(.accepted))
            session.write(frame, to: stream)
            session.finish(stream)
        }
    }

    func closed(_ failure: PeerFailure) {}
    func expired() {}
    /// A request that is being answered is finished.
    func shutDown() {}

    private func refuse(_ status: PeerHeaders.Status) {
        isRefused = true
        host.forget(self)
        host.refuse(stream, status)
    }
}
