internal import CollabModel
internal import DocumentCore
internal import HTTP2Session
internal import NIOCore
internal import PeerProtocol
internal import RuntimePorts

// At a replica: the answer to its opening.
extension StreamExchange {
    func receivedHeaders(_ headers: HTTP2HeaderBlock) {
        guard case .calling(let call) = phase else { return }
        switch PeerHeaders.outcome(of: headers) {
        case .success(.accepted):
            phase = .open(.replica(call.handler))
            host.statistics.streamOpened()
            call.continuation.resume(returning: .success(.opened(HTTP2PeerStream<ReplicaFrame>(handle))))
        case .success:
            phase = .declining(call)
        case .failure(let failure):
            fail(failure)
        }
    }

    /// Ends an opening that came to nothing.
    func fail(_ failure: PeerFailure) {
        switch phase {
        case .calling(let call), .declining(let call):
            phase = .ended
            host.forget(self)
            call.fail(failure)
            reset(.cancel)
        default:
            break
        }
    }

    func readRefusal(_ call: StreamCall) {
        let result = stream.inbound.withUnsafeReadableBytes { bytes in
            Result<OpenRefusal, PeerCodecError> { () throws(PeerCodecError) in try OpenRefusal(frame: bytes) }
        }
        switch result {
        case .success(let refusal):
            phase = .ended
            host.forget(self)
            host.session.finish(stream)
            call.continuation.resume(returning: .success(.declined(refusal)))
        case .failure(let error):
            fail(.protocolError(error.description))
        }
    }
}

// At an owner: the opening and the service's decision.
extension StreamExchange {
    func readOpening(from peer: NodeIdentity) {
        let maximum = host.configuration.unaryBoundBytes
        guard let length = stream.inbound.getInteger(at: stream.inbound.readerIndex, as: UInt32.self) else { return }
        guard Int(length) <= maximum else { return refuse(.tooLarge) }
        let total = PeerFrame.lengthBytes + Int(length)
        guard stream.inbound.readableBytes >= total else { return consume() }
        let result = stream.inbound.withUnsafeReadableBytes { bytes in
            Result<OpenRequest, PeerCodecError> { () throws(PeerCodecError) in
                try OpenRequest(frame: UnsafeRawBufferPointer(rebasing: bytes.prefix(total)))
            }
        }
        stream.inbound.moveReaderIndex(forwardBy: total)
        stream.compactInbound()
        consume()
        guard case .success(let request) = result, request.hello.gateway == peer else { return refuse(.malformed) }
        guard let service = host.beginAnswer() else { return refuse(.unavailable) }
        phase = .deciding
        Self.decide(request, from: peer, by: service, for: id, on: host.connection)
    }

    /// Unstructured: it outlives the read that started it, and also the stream, since activating a document is not undone
    /// when one replica gives up. Their number is bounded by `unansweredRequests`.
    private static func decide(
        _ request: OpenRequest, from peer: NodeIdentity, by service: any PeerService, for id: UInt64,
        on connection: PeerConnection
    ) {
        Task {
            let decision = await service.open(request, from: peer)
            if !connection.enqueue(.decided(id, decision)) { refuseLate(decision, connection) }
        }
    }

    func decided(_ decision: OpenDecision) {
        switch (phase, decision) {
        case (.deciding, .accepted(let attach)):
            host.attempt { session throws(HTTP2Error) in
                try session.respond(to: stream, host.headers.response(.accepted))
            }
            let sink = StreamSink.owner(attach(HTTP2PeerStream<OwnerFrame>(handle)))
            phase = .open(sink)
            host.statistics.streamOpened()
            receivedData()
        case (.deciding, .declined(let refusal)):
            phase = .ended
            host.forget(self)
            let frame = refusal.encodedFrame
            handle.queued(frame.count)
            host.attempt { session throws(HTTP2Error) in
                try session.respond(to: stream, host.headers.response(.declined))
                session.write(frame, to: stream)
                session.finish(stream)
            }
        case (.lost, _):
            phase = .ended
            host.forget(self)
            _ = handle.end()
            Self.endAttached(decision, handle)
        default:
            break
        }
    }

    /// The stream ended while the service decided.
    func lose() {
        phase = .lost
        host.keep(self)
        reset(.cancel)
    }

    func refuse(_ status: PeerHeaders.Status) {
        phase = .ended
        host.forget(self)
        host.refuse(stream, status)
    }

    /// A service that accepted expects a stream and its end.
    private static func endAttached(_ decision: OpenDecision, _ handle: StreamHandle) {
        guard case .accepted(let attach) = decision else { return }
        attach(HTTP2PeerStream<OwnerFrame>(handle))(.ended(.closed))
    }

    /// The connection was gone when the service had decided.
    static func refuseLate(_ decision: OpenDecision, _ connection: PeerConnection) {
        let handle = StreamHandle(
            connection: connection, boundBytes: 0, maximumMessageBytes: 0, statistics: PeerTransportStatistics())
        _ = handle.end()
        endAttached(decision, handle)
    }
}
