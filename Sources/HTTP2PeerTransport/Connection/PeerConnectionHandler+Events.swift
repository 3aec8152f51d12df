internal import CollabModel
internal import HTTP2Session
internal import NIOCore
internal import RuntimePorts

// What the codec made of the bytes that came.
extension PeerConnectionHandler {
    func process(_ made: [HTTP2Event]) {
        for event in made {
            guard !isClosed else { return }
            switch event {
            case .headers(let stream, let block):
                if let exchange = exchanges[stream.tag] {
                    exchange.receivedHeaders(block)
                } else if session.role == .server, stream.tag == 0 {
                    accept(stream, block)
                }
            case .data(let stream):
                if let exchange = exchanges[stream.tag] { exchange.receivedData() } else { discard(stream) }
            case .ended(let stream):
                exchanges[stream.tag]?.receivedEnd()
            case .closed(let stream, let code):
                exchanges.removeValue(forKey: stream.tag)?.closed(Self.failure(of: code))
                stream.observer = nil
            case .settings:
                if !isReady {
                    isReady = true
                    events.ready()
                }
            case .goAway:
                isLeaving = true
                events.leaving()
            }
        }
    }

    private func discard(_ stream: HTTP2Stream) {
        stream.inbound.clear()
        attempt { session throws(HTTP2Error) in try session.consume(stream) }
    }

    private static func failure(of code: HTTP2ErrorCode) -> PeerFailure {
        switch code {
        case .noError, .cancel, .refusedStream: .closed
        case .enhanceYourCalm: .overflow
        default: .protocolError("the peer ended the stream with HTTP/2 error \(code.rawValue)")
        }
    }

    /// A peer opened a stream.
    private func accept(_ stream: HTTP2Stream, _ block: HTTP2HeaderBlock) {
        stream.tag = connection.makeID()
        let endpoint: PeerEndpoint
        let peer: NodeIdentity
        if let (known, knownEndpoint, knownPeer) = lastPeer, known == block {
            (endpoint, peer) = (knownEndpoint, knownPeer)
        } else {
            switch headers.admit(block) {
            case .failure(let refusal): return refuse(stream, refusal.status)
            case .success(let admitted): (endpoint, peer) = admitted
            }
            lastPeer = (block, endpoint, peer)
        }
        guard !isLeaving else { return refuse(stream, .unavailable) }
        let exchange: any PeerExchange & HTTP2StreamObserver =
            switch endpoint {
            case .stream: StreamExchange(accepting: stream, from: peer, host: self)
            case .request: UnaryAnswer(stream, from: peer, host: self)
            }
        exchanges[exchange.id] = exchange
        stream.observer = exchange
    }
}
