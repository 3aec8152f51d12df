/// What happened on a connection, in order; told after the codec has returned, so that any call may answer it.
package enum HTTP2Event {
    /// A block of header fields is complete: a request at a server, a response at a client.
    case headers(HTTP2Stream, HTTP2HeaderBlock)
    /// There are new bytes in ``HTTP2Stream/inbound``. One event may stand for several DATA frames.
    case data(HTTP2Stream)
    /// The peer will send nothing more on the stream.
    case ended(HTTP2Stream)
    /// The stream is gone. The last event of a stream.
    case closed(HTTP2Stream, HTTP2ErrorCode)
    /// The peer's settings have arrived: it speaks HTTP/2.
    case settings
    /// The peer opens no more streams and accepts none.
    case goAway(HTTP2ErrorCode)
}
