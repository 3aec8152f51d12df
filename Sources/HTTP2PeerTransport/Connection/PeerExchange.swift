internal import HTTP2Session
internal import NIOCore
internal import RuntimePorts

/// One stream of HTTP/2 as the peer protocol uses it: a document's stream or a request, at either end. Lives on the
/// connection's event loop. Its connection forgets it after ``closed(_:)`` or when it asks to be forgotten.
protocol PeerExchange: AnyObject {
    var id: UInt64 { get }
    /// When it is to be told ``expired()``; `nil` when nobody waits for it with a limit.
    var deadline: NIODeadline? { get }
    func receivedHeaders(_ headers: HTTP2HeaderBlock)
    func receivedData()
    func receivedEnd()
    /// The HTTP/2 stream is gone, and the exchange is forgotten.
    func closed(_ failure: PeerFailure)
    func expired()
    func cancelled()
    /// Nothing has been heard of the peer for a while, or something again.
    func silenceChanged(isSilent: Bool)
    /// The node is leaving: finish.
    func shutDown()
}

extension PeerExchange {
    func silenceChanged(isSilent: Bool) {}
    func cancelled() {}
}

/// What an exchange may do with its connection. On the event loop only.
protocol PeerExchangeHost: AnyObject {
    var session: HTTP2Session { get }
    var connection: PeerConnection { get }
    var configuration: HTTP2PeerTransportConfiguration { get }
    var headers: PeerHeaders { get }
    var statistics: PeerTransportStatistics { get }
    /// Lets the exchange go.
    func forget(_ exchange: any PeerExchange)
    /// Keeps the exchange although its stream is gone.
    func keep(_ exchange: any PeerExchange)
    /// A service answers something; refused when too many do.
    func beginAnswer() -> (any PeerService)?
    func endAnswer()
    /// Runs a call of the codec; if it fails, the connection is of no use and ends.
    func attempt(_ body: (HTTP2Session) throws(HTTP2Error) -> Void)
}

extension PeerExchangeHost {
    /// Refuses a request with a status alone.
    func refuse(_ stream: HTTP2Stream, _ status: PeerHeaders.Status) {
        attempt { session throws(HTTP2Error) in
            try session.respond(to: stream, headers.response(status))
            session.finish(stream)
            stream.inbound.clear()
            try session.consume(stream)
        }
    }
}
