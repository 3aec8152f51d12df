import CollabModel
import DocumentCore
import Foundation
import HTTP2PeerTransport
import HTTP2Session
import LocalCluster
import NIOCore
import NIOPosix
import PeerProtocol
import Randomness
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("What others may send")
struct WireTests {
    /// A socket that collects what comes until the peer closes.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var bytes = ByteBuffer()
        private let done: EventLoopPromise<ByteBuffer>
        init(_ done: EventLoopPromise<ByteBuffer>) { self.done = done }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var read = unwrapInboundIn(data)
            bytes.writeBuffer(&read)
        }
        func channelInactive(context: ChannelHandlerContext) { done.succeed(bytes) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Sends bytes; returns what the server said until it closed the connection.
    private func send(_ bytes: [UInt8], to port: Int) async throws -> ByteBuffer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let done = loop.makePromise(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(done))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        return try await done.futureResult.get()
    }

    @Test("What is not HTTP/2 is disconnected, and others are served on", arguments: [51, 52] as [UInt64])
    func garbage(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let node = try await RunningNode("node")
        node.transport.setService(RecordingPeerService())
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        for round in 0..<40 {
            // Longer than a frame header, and for every second one behind a right beginning.
            var bytes = (0..<64 + random.below(500)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if round % 2 == 1 {
                // A frame of a length that no one allows.
                bytes[0] = 0xFF
                bytes = preface + bytes
            }
            _ = try await send(bytes, to: node.address.port)
        }
        try await node.transport.probe(node.address, timeout: .seconds(30))
        await node.transport.shutdown()
    }

    @Test(
        "Requests of a wrong shape are refused with a status",
        arguments: [
            ("/collab.peer/1/request", "POST", "node", "test", [0, 0, 0, 3, 1, 5, 99], "400"),
            ("/collab.peer/1/request", "POST", "node", "test", [], "400"),
            ("/collab.peer/1/request", "POST", "no node!", "test", [0, 0, 0, 3, 1, 5, 1], "400"),
            ("/collab.peer/1/request", "GET", "node", "test", [], "400"),
            ("/collab.peer/1/request", "POST", "node", "other", [0, 0, 0, 3, 1, 5, 1], "421"),
            ("/collab.peer/9/request", "POST", "node", "test", [0, 0, 0, 3, 1, 5, 1], "426"),
            ("/collab.peer/1/other", "POST", "node", "test", [0, 0, 0, 3, 1, 5, 1], "404"),
            ("/", "GET", "node", "test", [], "404"),
            ("/collab.peer/1/stream", "POST", "node", "test", [0, 0, 0, 3, 1, 5, 1], "400"),
            ("/collab.peer/1/stream", "POST", "node", "test", [255, 255, 255, 255], "413"),
            ("/collab.peer/1/request", "POST", "node", "test", [0, 0, 0, 3, 1, 5, 1], "200"),
        ] as [(String, String, String, String, [UInt8], String)])
    func shapes(path: String, method: String, name: String, cluster: String, body: [UInt8], status: String) async throws
    {
        let node = try await RunningNode("node")
        node.transport.setService(RecordingPeerService())
        let client = try HTTP2Session(role: .client, settings: HTTP2Settings())
        let stream = try client.request(
            HTTP2HeaderBlock([
                (":method", method), (":scheme", "http"), (":authority", "a"), (":path", path),
                ("collab-protocol", "1"), ("collab-cluster", cluster), ("collab-node", name),
                ("collab-incarnation", "1"),
            ]))
        client.write(body, to: stream)
        client.finish(stream)
        var request = ByteBuffer()
        try client.gather(into: &request, limit: 1 << 20)
        // A goodbye makes the server close when it has answered.
        try client.goAway()
        try client.gather(into: &request, limit: 1 << 20)
        let answer = try await send(Array(request.readableBytesView), to: node.address.port)
        try answer.withUnsafeReadableBytes { try client.receive($0) }
        let statuses = client.takeEvents().compactMap {
            if case .headers(_, let block) = $0 { block.value(of: ":status") } else { nil }
        }
        #expect(statuses == [status])
        await node.transport.shutdown()
    }

    @Test(
        "h2load finds nothing wrong with the server",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/h2load")))
    func conformance() async throws {
        let node = try await RunningNode("node")
        node.transport.setService(RecordingPeerService())
        let body = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString)")
        try Data(PeerRequest.probe.encodedFrame).write(to: body)
        defer { try? FileManager.default.removeItem(at: body) }
        let text = try await Program(
            "/usr/bin/h2load",
            [
                "-n", "20000", "-c", "8", "-m", "64", "-d", body.path, "-H", ":method: POST", "-H",
                "collab-protocol: 1", "-H", "collab-cluster: test", "-H", "collab-node: h2load", "-H",
                "collab-incarnation: 1", "http://127.0.0.1:\(node.address.port)/collab.peer/1/request",
            ]
        ).run(timeout: .seconds(120))
        #expect(text.contains("20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(text)")
        await node.transport.shutdown()
    }
}

@Suite("Malformed frames on a stream")
struct MalformedStreamTests {
    @Test("A frame that is none ends its stream as a protocol error, and no other")
    func malformedFrame() async throws {
        let node = try await RunningNode("node")
        let service = RecordingPeerService()
        node.transport.setService(service)
        let events = PeerRecorder<OwnerFrame>()
        let hello = StreamHello(
            document: DocumentID(Identifier128(high: 1, low: 2)), gateway: node.identity, holds: nil)
        let request = OpenRequest(hello: hello, mayActivate: true, suspicion: nil)
        let healthy = try await node.transport.open(
            request, to: node.address, timeout: .seconds(30), handler: events.handler)
        guard case .opened(let stream) = healthy else { throw PeerFailure.closed }
        let beside = await service.nextAccepted()

        let client = try HTTP2Session(role: .client, settings: HTTP2Settings())
        let opened = try client.request(
            HTTP2HeaderBlock([
                (":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/collab.peer/1/stream"),
                ("collab-protocol", "1"), ("collab-cluster", "test"), ("collab-node", "node"),
                ("collab-incarnation", "1"),
            ]))
        client.write(request.encodedFrame, to: opened)
        // An opening where a replica's message belongs.
        client.write(request.encodedFrame, to: opened)
        var bytes = ByteBuffer()
        try client.gather(into: &bytes, limit: 1 << 20)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: node.address.port).get()
        channel.writeAndFlush(bytes, promise: nil)
        let accepted = await service.nextAccepted()
        #expect(await accepted.events.end() == .protocolError("a frame of kind 3 does not belong here"))
        #expect(!accepted.stream.send(OwnerFrame(epoch: Epoch(1), message: .restored)))

        stream.send(ReplicaFrame(epoch: Epoch(1), message: .askCommitted(question: 1)))
        #expect(try await beside.events.message().message == .askCommitted(question: 1))
        try await channel.close().get()
        await node.transport.shutdown()
    }
}
