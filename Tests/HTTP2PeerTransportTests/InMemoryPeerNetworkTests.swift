import CollabModel
import DocumentCore
import PeerProtocol
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("The network in memory")
struct InMemoryPeerNetworkTests {
    private let clock = SteppedClock()
    private let gatewayAddress = PeerAddress(host: "gateway", port: 1)
    private let ownerAddress = PeerAddress(host: "owner", port: 1)

    private struct Pair {
        let network: InMemoryPeerNetwork
        let gateway: InMemoryPeerTransport
        let stream: ReplicaStream
        let atGateway: PeerRecorder<OwnerFrame>
        let owner: RecordingPeerService.Accepted
    }

    private func connect(seed: UInt64 = 1) async throws -> Pair {
        let network = InMemoryPeerNetwork(seed: seed, clock: clock)
        let owner = network.start(Nodes.identity("owner"), at: ownerAddress)
        let gateway = network.start(Nodes.identity("gateway"), at: gatewayAddress)
        let service = RecordingPeerService()
        owner.setService(service)
        let events = PeerRecorder<OwnerFrame>()
        let request = OpenRequest(
            hello: StreamHello(
                document: DocumentID(Identifier128(high: 1, low: 2)), gateway: gateway.identity, holds: nil),
            mayActivate: true, suspicion: nil)
        let result = try await gateway.open(
            request, to: ownerAddress, timeout: .seconds(60), handler: events.handler)
        guard case .opened(let stream) = result else { throw PeerFailure.closed }
        return Pair(
            network: network, gateway: gateway, stream: stream, atGateway: events, owner: await service.nextAccepted())
    }

    private func question(_ number: UInt64) -> ReplicaFrame {
        ReplicaFrame(epoch: Epoch(1), message: .askCommitted(question: number))
    }

    private func answer(_ number: UInt64) -> OwnerFrame {
        OwnerFrame(epoch: Epoch(1), message: .committed(question: number, Version(0)))
    }

    /// Lets time pass in small steps until a task has come to its end.
    private func passTime<Success: Sendable>(until task: Task<Success, any Error>) async throws -> Success {
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(10))
                await Task.yield()
            }
        }
        defer { ticking.cancel() }
        return try await task.value
    }

    @Test("A link that is cut in one direction is silent at the end that does not hear, and only there")
    func oneWay() async throws {
        let pair = try await connect()
        pair.network.cut(from: ownerAddress, to: gatewayAddress)
        pair.owner.stream.send(answer(1))
        let first = Task { () async throws -> Bool in
            if case .silent = await pair.atGateway.next() { true } else { false }
        }
        #expect(try await passTime(until: first))
        pair.stream.send(question(1))
        #expect(try await pair.owner.events.message() == question(1))
        #expect(pair.owner.events.waiting == 0)

        pair.network.heal(from: ownerAddress, to: gatewayAddress)
        guard case .heard = await pair.atGateway.next() else {
            Issue.record("not heard")
            return
        }
        #expect(try await pair.atGateway.message() == answer(1))
    }

    @Test("Calls over a cut link are silent, and a stream that stays cut ends as silent")
    func abandoned() async throws {
        let pair = try await connect()
        pair.network.cut(between: gatewayAddress, and: ownerAddress)
        let gateway = pair.gateway
        let address = ownerAddress
        let probe = Task { () async throws -> PeerFailure? in
            do throws(PeerFailure) {
                try await gateway.probe(address, timeout: .milliseconds(300))
                return nil
            } catch {
                return error
            }
        }
        #expect(try await passTime(until: probe) == .silent)
        let end = Task { () async throws -> PeerFailure in await pair.atGateway.end() }
        #expect(try await passTime(until: end) == .silent)
    }

    @Test("A stopped node is silent to its peers, and goes on where it was when it is continued")
    func stopped() async throws {
        let pair = try await connect()
        pair.network.stop(ownerAddress)
        pair.owner.stream.send(answer(1))
        let silent = Task { () async throws -> Bool in
            if case .silent = await pair.atGateway.next() { true } else { false }
        }
        #expect(try await passTime(until: silent))
        pair.network.resume(ownerAddress)
        guard case .heard = await pair.atGateway.next() else {
            Issue.record("not heard")
            return
        }
        #expect(try await pair.atGateway.message() == answer(1))
    }

    @Test("A killed node's streams close, it hears nothing more, and a new life at its address is another")
    func killed() async throws {
        let pair = try await connect()
        pair.network.kill(ownerAddress)
        #expect(await pair.atGateway.end() == .closed)
        #expect(!pair.owner.stream.send(answer(1)))
        #expect(pair.owner.events.waiting == 0)
        await #expect(throws: PeerFailure.refused) {
            try await pair.gateway.probe(ownerAddress, timeout: .seconds(60))
        }
        let second = pair.network.start(Nodes.identity("owner", incarnation: 2), at: ownerAddress)
        second.setService(RecordingPeerService())
        try await pair.gateway.probe(ownerAddress, timeout: .seconds(60))
        #expect(pair.network.openStreamEnds == 0)
    }

    @Test("Delays change when messages arrive and never their order", arguments: [1, 2, 3] as [UInt64])
    func delays(seed: UInt64) async throws {
        let pair = try await connect(seed: seed)
        pair.network.setDelay(microseconds: 0...50_000)
        for number in 0..<UInt64(200) { pair.stream.send(question(number)) }
        let received = Task { () async throws -> [ReplicaFrame] in
            var frames: [ReplicaFrame] = []
            for _ in 0..<200 { frames.append(try await pair.owner.events.message()) }
            return frames
        }
        #expect(try await passTime(until: received) == (0..<200).map { question($0) }, "seed \(seed)")
    }

    @Test("The call that is to fail fails, and no other")
    func faults() async throws {
        let pair = try await connect()
        pair.network.failCall(2, with: .silent)
        try await pair.gateway.probe(ownerAddress, timeout: .seconds(60))
        await #expect(throws: PeerFailure.silent) {
            try await pair.gateway.probe(ownerAddress, timeout: .seconds(60))
        }
        try await pair.gateway.probe(ownerAddress, timeout: .seconds(60))
    }
}
