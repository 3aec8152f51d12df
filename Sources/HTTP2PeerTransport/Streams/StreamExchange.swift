internal import CollabModel
internal import HTTP2Session
internal import NIOCore
internal import PeerProtocol
internal import RuntimePorts

/// A document's stream between a replica and an owner, at either end.
final class StreamExchange: PeerExchange, HTTP2StreamObserver {
    /// What the stream waits for. Every phase but `ended` has one way out per event, and `ended` has none.
    enum Phase {
        /// At a replica: the peer has not answered the opening.
        case calling(StreamCall)
        /// At a replica: the peer declines, its reason is on the way.
        case declining(StreamCall)
        /// At an owner: the opening is on the way.
        case asked(NodeIdentity)
        /// At an owner: the service decides.
        case deciding
        /// At an owner: the stream ended while the service decided. The decision is still owed its end.
        case lost
        case open(StreamSink)
        /// Ended by us; what still comes is thrown away.
        case closing
        case ended
    }

    let handle: StreamHandle
    let stream: HTTP2Stream
    unowned let host: any PeerExchangeHost
    var phase: Phase

    var id: UInt64 { handle.id }

    /// A replica opens a stream.
    init(calling call: StreamCall, on stream: HTTP2Stream, host: any PeerExchangeHost) {
        handle = call.handle
        self.stream = stream
        self.host = host
        phase = .calling(call)
        handle.queued(call.frame.count)
    }

    /// A peer opened a stream.
    init(accepting stream: HTTP2Stream, from peer: NodeIdentity, host: any PeerExchangeHost) {
        handle = StreamHandle(
            host.connection, configuration: host.configuration, statistics: host.statistics)
        stream.tag = handle.id
        self.stream = stream
        self.host = host
        phase = .asked(peer)
    }

    var deadline: NIODeadline? {
        switch phase {
        case .calling(let call), .declining(let call): call.deadline
        default: nil
        }
    }

    func didTake(bytes: Int) { handle.took(bytes) }

    // MARK: From the event loop's mailbox

    func write(_ bytes: [UInt8]) {
        switch phase {
        case .open: host.session.write(bytes, to: stream)
        default: handle.took(bytes.count)
        }
    }

    func closeLocally() {
        guard case .open = phase else { return }
        phase = .closing
        host.statistics.streamEnded()
        host.session.finish(stream)
        receivedData()
        if stream.hasReceivedEnd { leave() }
    }

    func overflow() {
        guard case .open(let sink) = phase else { return }
        host.statistics.streamOverflowed()
        end(sink, .overflow)
        reset(.enhanceYourCalm)
    }

    // MARK: From the peer

    func receivedData() {
        switch phase {
        case .calling:
            break
        case .declining:
            if stream.inbound.readableBytes > host.configuration.unaryBoundBytes {
                fail(.protocolError("a refusal that is too long"))
            } else {
                consume()
            }
        case .asked(let peer):
            readOpening(from: peer)
        case .deciding:
            break
        case .open(let sink):
            deliver(to: sink)
        case .closing, .ended, .lost:
            stream.inbound.clear()
            consume()
        }
    }

    func receivedEnd() {
        switch phase {
        case .calling: fail(.protocolError("the peer ended a stream before it answered"))
        case .declining(let call): readRefusal(call)
        case .asked: refuse(.malformed)
        case .deciding: lose()
        // Reading may have been resumed by another thread a moment ago, and what was kept meanwhile is still here: it comes
        // before the end.
        case .open(let sink): deliver(to: sink)
        case .closing: leave()
        case .ended, .lost: break
        }
    }

    func closed(_ failure: PeerFailure) {
        switch phase {
        case .calling(let call), .declining(let call):
            phase = .ended
            call.fail(failure)
        case .open(let sink):
            end(sink, failure)
        case .deciding:
            lose()
        case .lost:
            // The connection has just forgotten it, and the decision has still to find it.
            host.keep(self)
        case .closing:
            phase = .ended
        case .asked, .ended:
            phase = .ended
        }
    }

    func expired() { fail(.silent) }
    func cancelled() { fail(.closed) }

    func silenceChanged(isSilent: Bool) {
        if case .open(let sink) = phase, handle.isOpen { sink.silenceChanged(isSilent: isSilent) }
    }

    func shutDown() {
        switch phase {
        case .calling, .declining: fail(.closed)
        case .open(let sink):
            end(sink, .closed)
            host.session.finish(stream)
        case .asked: refuse(.unavailable)
        case .deciding, .closing, .ended, .lost: break
        }
    }

    // MARK: Ends

    /// Delivers the end, unless we closed the stream ourselves.
    func end(_ sink: StreamSink, _ failure: PeerFailure) {
        phase = .ended
        host.statistics.streamEnded()
        host.forget(self)
        if handle.end() { sink.ended(failure) }
    }

    /// The peer closed in order, and everything before has been delivered: it reads nothing more either.
    func endBehindMessages(_ sink: StreamSink) {
        end(sink, .closed)
        host.session.dropQueued(stream)
        host.session.finish(stream)
    }

    func reset(_ code: HTTP2ErrorCode) {
        stream.inbound.clear()
        host.attempt { session throws(HTTP2Error) in try session.reset(stream, code) }
    }

    func consume() {
        host.attempt { session throws(HTTP2Error) in try session.consume(stream) }
    }

    private func leave() {
        phase = .ended
        host.session.dropQueued(stream)
        host.session.finish(stream)
        host.forget(self)
    }
}

extension StreamHandle {
    convenience init(
        _ connection: PeerConnection, configuration: HTTP2PeerTransportConfiguration,
        statistics: PeerTransportStatistics
    ) {
        self.init(
            connection: connection, boundBytes: configuration.streamBoundBytes,
            maximumMessageBytes: PeerFrame.lengthBytes + PeerFrame.maximumBytes,
            statistics: statistics)
    }
}
