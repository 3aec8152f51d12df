import HTTP2Session
import NIOCore
import Randomness
import Testing

@Suite("The HTTP/2 codec")
struct HTTP2SessionTests {
    private static let headers = HTTP2HeaderBlock([
        (":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/x"),
    ])

    /// A client and a server whose wire is a buffer.
    final class Wire {
        let client: HTTP2Session
        let server: HTTP2Session
        var atClient: [HTTP2Event] = []
        var atServer: [HTTP2Event] = []

        init(_ settings: HTTP2Settings = HTTP2Settings()) throws {
            client = try HTTP2Session(role: .client, settings: settings)
            server = try HTTP2Session(role: .server, settings: settings)
            try settle()
        }

        /// Carries until nobody has anything to say.
        func settle() throws {
            var moved = true
            while moved {
                moved = try carry(client, server, &atServer)
                moved = try carry(server, client, &atClient) || moved
            }
            atClient += client.takeEvents()
            atServer += server.takeEvents()
        }

        private func carry(_ from: HTTP2Session, _ to: HTTP2Session, _ events: inout [HTTP2Event]) throws -> Bool {
            var buffer = ByteBuffer()
            guard try from.gather(into: &buffer, limit: 32 << 10) else { return false }
            try buffer.withUnsafeReadableBytes { try to.receive($0) }
            events += to.takeEvents()
            return true
        }

        /// Opens a stream that both sides write to; returns both ends.
        func open() throws -> (client: HTTP2Stream, server: HTTP2Stream) {
            let mine = try client.request(HTTP2SessionTests.headers)
            try settle()
            var theirs: HTTP2Stream?
            for case .headers(let stream, _) in atServer where stream.id == mine.id { theirs = stream }
            let server = try #require(theirs)
            try self.server.respond(to: server, HTTP2HeaderBlock([(":status", "200")]))
            try settle()
            return (mine, server)
        }
    }

    @Test("Header fields arrive as they were sent")
    func headerFields() throws {
        let wire = try Wire()
        _ = try wire.client.request(Self.headers)
        try wire.settle()
        let received = wire.atServer.compactMap { if case .headers(_, let block) = $0 { block } else { nil } }
        #expect(received == [Self.headers])
        #expect(received.first?.value(of: ":path") == "/x")
        #expect(received.first?.value(of: "none") == nil)
    }

    @Test("A stream that is not read stops its sender at its window, and no other stream")
    func unreadStream() throws {
        let wire = try Wire()
        let unread = try wire.open()
        let other = try wire.open()
        let window = Int(HTTP2Settings().streamWindow)
        for _ in 0..<40 { wire.client.write([UInt8](repeating: 7, count: 100_000), to: unread.client) }
        try wire.settle()
        #expect(unread.server.inbound.readableBytes == window)
        wire.client.write([1, 2, 3], to: other.client)
        try wire.settle()
        #expect(other.server.inbound.readableBytes == 3)
        try wire.server.consume(unread.server)
        try wire.settle()
        #expect(unread.server.inbound.readableBytes == 2 * window)
    }

    @Test("Small writes share a frame")
    func sharedFrames() throws {
        let wire = try Wire()
        let stream = try wire.open()
        for _ in 0..<100 { wire.client.write([UInt8](repeating: 1, count: 10), to: stream.client) }
        var buffer = ByteBuffer()
        try wire.client.gather(into: &buffer, limit: 1 << 20)
        #expect(buffer.readableBytes == 9 + 1_000)
    }

    @Test("An end comes behind what was written, and closes when both have ended")
    func ends() throws {
        let wire = try Wire()
        let stream = try wire.open()
        wire.client.write([1, 2, 3], to: stream.client)
        wire.client.finish(stream.client)
        try wire.settle()
        #expect(stream.server.hasReceivedEnd)
        #expect(stream.server.inbound.readableBytes == 3)
        #expect(!stream.server.isClosed)
        wire.server.finish(stream.server)
        try wire.settle()
        #expect(stream.server.isClosed && stream.client.isClosed)
        #expect(wire.client.streamCount == 0 && wire.server.streamCount == 0)
    }

    @Test("A reset drops what is queued and tells the code")
    func resets() throws {
        let wire = try Wire()
        let stream = try wire.open()
        wire.client.write([UInt8](repeating: 0, count: 5_000_000), to: stream.client)
        try wire.client.reset(stream.client, .enhanceYourCalm)
        try wire.settle()
        let codes = wire.atServer.compactMap { if case .closed(_, let code) = $0 { code } else { nil } }
        #expect(codes == [.enhanceYourCalm])
        #expect(stream.client.isClosed)
    }

    @Test("Too many header fields are refused, and the connection goes on")
    func largeHeaders() throws {
        let wire = try Wire()
        var many = Self.headers
        for number in 0..<200 { many.append("x-\(number)", "value") }
        let refused = try wire.client.request(many)
        try wire.settle()
        #expect(refused.isClosed)
        let stream = try wire.open()
        #expect(!stream.client.isClosed)
    }

    @Test("After a goodbye no stream is opened, and those that are open end in order")
    func goodbye() throws {
        let wire = try Wire()
        let stream = try wire.open()
        try wire.server.goAway()
        try wire.settle()
        #expect(wire.atClient.contains { if case .goAway = $0 { true } else { false } })
        let late = try wire.client.request(Self.headers)
        try wire.settle()
        #expect(late.isClosed)
        wire.client.finish(stream.client)
        wire.server.finish(stream.server)
        try wire.settle()
        #expect(stream.client.isClosed)
        #expect(wire.client.isFinished)
    }

    @Test("Giving up closes every stream once", arguments: [1, 100])
    func abandon(count: Int) throws {
        let wire = try Wire()
        for _ in 0..<count { _ = try wire.open() }
        #expect(wire.server.abandon().count == count)
        #expect(wire.server.abandon().isEmpty)
        var buffer = ByteBuffer()
        #expect(try wire.server.gather(into: &buffer, limit: 100) == false)
    }

    @Test("Malformed bytes end the connection and nothing else", arguments: [41, 42, 43] as [UInt64])
    func malformed(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let session = try HTTP2Session(role: .server, settings: HTTP2Settings())
            let client = try HTTP2Session(role: .client, settings: HTTP2Settings())
            let stream = try client.request(Self.headers)
            client.write((0..<random.below(2_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }, to: stream)
            client.finish(stream)
            var bytes = ByteBuffer()
            try client.gather(into: &bytes, limit: 1 << 20)
            var array = Array(bytes.readableBytesView)
            // Beyond the preface, so that frames are read.
            for _ in 0..<1 + random.below(8) {
                array[24 + random.below(array.count - 24)] = UInt8(truncatingIfNeeded: random.next())
            }
            do {
                try array.withUnsafeBytes { try session.receive($0) }
                _ = session.takeEvents()
                var answer = ByteBuffer()
                try session.gather(into: &answer, limit: 1 << 20)
            } catch let error as HTTP2Error {
                #expect(error.code == .receiving, "seed \(seed)")
            }
        }
    }
}

extension SplitMix64 {
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
