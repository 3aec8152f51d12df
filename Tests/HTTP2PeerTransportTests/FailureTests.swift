import CollabModel
import DocumentCore
import HTTP2PeerTransport
import NIOCore
import NIOPosix
import PeerProtocol
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("What a peer's failures look like")
struct FailureTests {
    private let timeout: Duration = .seconds(30)

    private func opening(_ node: RunningNode) -> OpenRequest {
        OpenRequest(
            hello: StreamHello(
                document: DocumentID(Identifier128(high: 1, low: 2)), gateway: node.identity, holds: nil),
            mayActivate: true, suspicion: nil)
    }

    @Test("A peer that speaks another version is told so, in both directions")
    func otherVersion() async throws {
        let old = try await RunningNode("old")
        let new = try await RunningNode("new") { $0.protocolVersion = 2 }
        await #expect(throws: PeerFailure.version(theirs: 2)) {
            try await old.transport.probe(new.address, timeout: timeout)
        }
        await #expect(throws: PeerFailure.version(theirs: 1)) {
            try await new.transport.open(opening(new), to: old.address, timeout: timeout, handler: { _ in })
        }
        await old.transport.shutdown()
        await new.transport.shutdown()
    }

    @Test("A node of another cluster is refused")
    func otherCluster() async throws {
        let one = try await RunningNode("one")
        let other = try await RunningNode("other") { $0.cluster = "elsewhere" }
        await #expect(
            throws: PeerFailure.protocolError("status 421: this node belongs to the cluster elsewhere")
        ) { try await one.transport.probe(other.address, timeout: timeout) }
        await one.transport.shutdown()
        await other.transport.shutdown()
    }

    @Test("A node without a service answers that it does not serve")
    func noService() async throws {
        let one = try await RunningNode("one")
        await #expect(throws: PeerFailure.closed) { try await one.transport.probe(one.address, timeout: timeout) }
        await one.transport.shutdown()
    }

    @Test("An opening in another node's name is refused")
    func otherName() async throws {
        let one = try await RunningNode("one")
        let other = try await RunningNode("other")
        other.transport.setService(RecordingPeerService())
        await #expect(throws: PeerFailure.protocolError("status 400: malformed request")) {
            try await one.transport.open(opening(other), to: other.address, timeout: timeout, handler: { _ in })
        }
        await one.transport.shutdown()
        await other.transport.shutdown()
    }

    @Test("A link that stalls is silent at both ends, and heard when it is back")
    func stalled() async throws {
        let owner = try await RunningNode("owner") {
            $0.hurry()
            $0.heartbeat.abandonment = .seconds(60)
        }
        let gateway = try await RunningNode("gateway") {
            $0.hurry()
            $0.heartbeat.abandonment = .seconds(60)
        }
        let service = RecordingPeerService()
        owner.transport.setService(service)
        let proxy = try await StallingProxy(to: owner.address.port)
        let events = PeerRecorder<OwnerFrame>()
        let result = try await gateway.transport.open(
            opening(gateway), to: PeerAddress(host: "127.0.0.1", port: proxy.port), timeout: timeout,
            handler: events.handler)
        guard case .opened(let stream) = result else { throw PeerFailure.closed }
        let accepted = await service.nextAccepted()

        try await proxy.setStalled(true)
        guard case .silent = await events.next(), case .silent = await accepted.events.next() else {
            Issue.record("not silent")
            return
        }
        stream.send(ReplicaFrame(epoch: Epoch(1), message: .askCommitted(question: 1)))
        try await proxy.setStalled(false)
        guard case .heard = await events.next(), case .heard = await accepted.events.next() else {
            Issue.record("not heard")
            return
        }
        #expect(try await accepted.events.message().message == .askCommitted(question: 1))
        await gateway.transport.shutdown()
        await owner.transport.shutdown()
        await proxy.close()
    }

    @Test("A new call does not wait for a connection that has fallen silent, and the silent one is given up")
    func dialsAnew() async throws {
        let owner = try await RunningNode("owner") {
            $0.hurry()
            // The gateway is to give up by itself, not because the owner did so first and closed.
            $0.heartbeat.abandonment = .seconds(60)
        }
        let gateway = try await RunningNode("gateway") { $0.hurry() }
        let service = RecordingPeerService()
        owner.transport.setService(service)
        let proxy = try await StallingProxy(to: owner.address.port)
        let address = PeerAddress(host: "127.0.0.1", port: proxy.port)
        let events = PeerRecorder<OwnerFrame>()
        _ = try await gateway.transport.open(opening(gateway), to: address, timeout: timeout, handler: events.handler)
        try await proxy.setStalled(true)
        guard case .silent = await events.next() else {
            Issue.record("not silent")
            return
        }
        try await gateway.transport.probe(address, timeout: timeout)
        #expect(proxy.accepted == 2)
        #expect(await events.end() == .silent)
        await gateway.transport.shutdown()
        await owner.transport.shutdown()
        await proxy.close()
    }

    @Test("A process that accepts connections and says nothing is silent, not refused")
    func stoppedProcess() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let gateway = try await RunningNode("gateway") { $0.hurry() }
        await #expect(throws: PeerFailure.silent) {
            try await gateway.transport.probe(
                PeerAddress(host: "127.0.0.1", port: listener.localAddress!.port!), timeout: timeout)
        }
        await gateway.transport.shutdown()
        try await listener.close()
    }

    @Test("A reset connection closes its streams and fails what waits on it")
    func reset() async throws {
        let owner = try await RunningNode("owner")
        let gateway = try await RunningNode("gateway")
        let asked = PeerRecorder<Int>()
        let service = RecordingPeerService(respond: { _, _ in
            asked.handler(.message(1))
            // Ends with the test: the answer never comes before the reset.
            _ = await asked.next()
            return .notOwner
        })
        owner.transport.setService(service)
        let proxy = try await StallingProxy(to: owner.address.port)
        let address = PeerAddress(host: "127.0.0.1", port: proxy.port)
        let events = PeerRecorder<OwnerFrame>()
        _ = try await gateway.transport.open(opening(gateway), to: address, timeout: timeout, handler: events.handler)
        let accepted = await service.nextAccepted()
        async let failure: PeerFailure? = {
            do throws(PeerFailure) {
                _ = try await gateway.transport.request(.drain, to: address, timeout: timeout)
                return nil
            } catch {
                return error
            }
        }()
        try await proxy.reset()
        #expect(await events.end() == .closed)
        #expect(await accepted.events.end() == .closed)
        // It was sent before the reset, or comes after it and is refused on a connection that is gone.
        let outcome = await failure
        #expect(outcome == .closed || outcome == nil)
        await gateway.transport.shutdown()
        await owner.transport.shutdown()
        await proxy.close()
    }

    @Test("Calls that come together dial once")
    func singleFlight() async throws {
        let owner = try await RunningNode("owner")
        let gateway = try await RunningNode("gateway")
        owner.transport.setService(RecordingPeerService())
        let proxy = try await StallingProxy(to: owner.address.port)
        let address = PeerAddress(host: "127.0.0.1", port: proxy.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask { try await gateway.transport.probe(address, timeout: timeout) }
            }
            try await group.waitForAll()
        }
        #expect(proxy.accepted == 1)
        await gateway.transport.shutdown()
        await owner.transport.shutdown()
        await proxy.close()
    }

    @Test("A peer that starts again at its address is found again")
    func restart() async throws {
        let first = try await RunningNode("owner")
        let gateway = try await RunningNode("gateway")
        let service = RecordingPeerService()
        first.transport.setService(service)
        let events = PeerRecorder<OwnerFrame>()
        _ = try await gateway.transport.open(
            opening(gateway), to: first.address, timeout: timeout, handler: events.handler)
        await first.transport.shutdown()
        #expect(await events.end() == .closed)
        await #expect(throws: PeerFailure.refused) {
            try await gateway.transport.probe(first.address, timeout: timeout)
        }
        let second = try await RunningNode("owner", incarnation: 2, port: first.address.port)
        second.transport.setService(RecordingPeerService())
        try await gateway.transport.probe(second.address, timeout: timeout)
        await gateway.transport.shutdown()
        await second.transport.shutdown()
    }

    @Test("A node that shuts down closes its streams in order at both ends, with what was queued")
    func shutdown() async throws {
        let owner = try await RunningNode("owner")
        let gateway = try await RunningNode("gateway")
        let service = RecordingPeerService()
        owner.transport.setService(service)
        let events = PeerRecorder<OwnerFrame>()
        _ = try await gateway.transport.open(
            opening(gateway), to: owner.address, timeout: timeout, handler: events.handler)
        let accepted = await service.nextAccepted()
        for number in 0..<UInt64(500) {
            accepted.stream.send(OwnerFrame(epoch: Epoch(1), message: .committed(question: number, Version(0))))
        }
        await owner.transport.shutdown()
        for number in 0..<UInt64(500) {
            #expect(try await events.message().message == .committed(question: number, Version(0)))
        }
        #expect(await events.end() == .closed)
        #expect(await accepted.events.end() == .closed)
        #expect(owner.transport.statistics.openConnections == 0)
        #expect(owner.transport.statistics.openStreams == 0)
        await gateway.transport.shutdown()
        await #expect(throws: PeerFailure.closed) {
            try await gateway.transport.probe(owner.address, timeout: timeout)
        }
    }
}
