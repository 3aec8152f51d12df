internal import HTTP2Session
internal import NIOCore
internal import PeerProtocol
internal import RuntimePorts

/// A request of ours that waits for its answer.
final class UnaryExchange: PeerExchange {
    private let call: UnaryCall
    private let stream: HTTP2Stream
    private unowned let host: any PeerExchangeHost
    private var isAccepted = false
    private var isAnswered = false

    init(_ call: UnaryCall, on stream: HTTP2Stream, host: any PeerExchangeHost) {
        self.call = call
        self.stream = stream
        self.host = host
    }

    var id: UInt64 { call.id }
    var deadline: NIODeadline? { isAnswered ? nil : call.deadline }

    func receivedHeaders(_ headers: HTTP2HeaderBlock) {
        guard !isAccepted else { return }
        switch PeerHeaders.outcome(of: headers) {
        case .success(.accepted): isAccepted = true
        case .success: fail(.protocolError("a request cannot be declined"))
        case .failure(let failure): fail(failure)
        }
    }

    func receivedData() {
        guard stream.inbound.readableBytes <= host.configuration.unaryBoundBytes else {
            return fail(.protocolError("an answer that is too long"))
        }
        host.attempt { session throws(HTTP2Error) in try session.consume(stream) }
    }

    func receivedEnd() {
        guard isAccepted else { return fail(.protocolError("the peer ended a request without an answer")) }
        let result = stream.inbound.withUnsafeReadableBytes { bytes in
            Result<PeerResponse, PeerCodecError> { () throws(PeerCodecError) in try PeerResponse(frame: bytes) }
        }
        resume(result.mapError { .protocolError($0.description) })
    }

    func closed(_ failure: PeerFailure) { resume(.failure(failure)) }
    func expired() { fail(.silent) }
    func cancelled() { fail(.closed) }
    /// A request that is under way may finish.
    func shutDown() {}

    private func fail(_ failure: PeerFailure) {
        resume(.failure(failure))
        stream.inbound.clear()
        host.attempt { session throws(HTTP2Error) in try session.reset(stream, .cancel) }
    }

    private func resume(_ result: Result<PeerResponse, PeerFailure>) {
        guard !isAnswered else { return }
        isAnswered = true
        host.forget(self)
        call.continuation.resume(returning: result)
    }
}
