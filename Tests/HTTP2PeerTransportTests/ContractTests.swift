import CollabModel
import HTTP2PeerTransport
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("Every transport between nodes")
struct ContractTests {
    @Test("in memory", arguments: PeerTransportContract.cases)
    func inMemory(_ promise: PeerTransportContract.Case) async throws {
        let clock = SteppedClock()
        let network = InMemoryPeerNetwork(seed: 1, clock: clock)
        let ownerAddress = PeerAddress(host: "owner", port: 1)
        let owner = network.start(Nodes.identity("owner"), at: ownerAddress)
        let gateway = network.start(Nodes.identity("gateway"), at: PeerAddress(host: "gateway", port: 1))
        try await promise.run(
            .init(
                gateway: gateway, gatewayIdentity: gateway.identity, owner: owner, ownerAddress: ownerAddress,
                deadAddress: PeerAddress(host: "nowhere", port: 1), boundBytes: 8 << 20,
                letTimePass: {
                    clock.advance(by: .milliseconds(10))
                    await Task.yield()
                },
                serve: { owner.setService($0) }, stopOwner: { network.kill(ownerAddress) }))
    }

    @Test("over HTTP/2", arguments: PeerTransportContract.cases)
    func overHTTP2(_ promise: PeerTransportContract.Case) async throws {
        let owner = try await RunningNode("owner")
        let gateway = try await RunningNode("gateway")
        try await promise.run(
            .init(
                gateway: gateway.transport, gatewayIdentity: gateway.identity, owner: owner.transport,
                ownerAddress: owner.address, deadAddress: PeerAddress(host: "127.0.0.1", port: 1),
                boundBytes: 8 << 20, serve: { owner.transport.setService($0) },
                stopOwner: { await owner.transport.shutdown() }))
        await gateway.transport.shutdown()
        await owner.transport.shutdown()
    }
}
