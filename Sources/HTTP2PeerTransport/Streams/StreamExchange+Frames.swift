internal import HTTP2Session
internal import NIOCore
internal import PeerProtocol
internal import RuntimePorts

// Frames of an open stream.
extension StreamExchange {
    /// Delivers every frame that is whole, as long as the receiver reads and has not closed. What is not delivered is not
    /// given back to the stream's window, so that the sender stops.
    func deliver(to sink: StreamSink) {
        while handle.isOpen {
            // Who resumes reading later than here says so behind this, and what is left then comes before any end.
            guard handle.isReading else { return stream.compactInbound() }
            guard let length = stream.inbound.getInteger(at: stream.inbound.readerIndex, as: UInt32.self) else { break }
            do throws(PeerCodecError) {
                let total = try PeerFrame.totalBytes(length: length)
                // Nothing is reserved on the word of a length: memory follows the bytes that came.
                guard stream.inbound.readableBytes >= total else { break }
                try deliver(total, to: sink)
            } catch {
                end(sink, .protocolError(error.description))
                return reset(.protocolError)
            }
            // The receiver may have ended the stream from within its handler's call.
            guard case .open = phase else { return }
        }
        stream.compactInbound()
        if !handle.isOpen { stream.inbound.clear() }
        consume()
        if stream.hasReceivedEnd { endBehindMessages(sink) }
    }

    private func deliver(_ total: Int, to sink: StreamSink) throws(PeerCodecError) {
        let result = stream.inbound.withUnsafeReadableBytes { bytes in
            Result<Void, PeerCodecError> { () throws(PeerCodecError) in
                try sink.deliver(frame: UnsafeRawBufferPointer(rebasing: bytes.prefix(total)))
            }
        }
        stream.inbound.moveReaderIndex(forwardBy: total)
        try result.get()
    }
}
