import Testing

@testable import LocalCluster

@Suite("Ports")
struct PortTests {
    @Test("blocks held at the same time do not overlap, lie below the ephemeral ports, and are given back")
    func blocks() throws {
        var blocks = try (0..<8).map { _ in try PortBlock() }
        let firsts = blocks.map(\.first)
        #expect(Set(firsts).count == 8)
        for block in blocks {
            #expect(block.first % PortBlock.size == 0)
            #expect(block[PortBlock.size - 1] < LoopbackPort.firstEphemeral)
        }
        blocks.removeAll()
        // Other tests give blocks back too: those may be found first.
        while blocks.count < 64, !blocks.contains(where: { firsts.contains($0.first) }) {
            blocks.append(try PortBlock())
        }
        #expect(blocks.contains { firsts.contains($0.first) }, "no block that was held can be had again")
    }

    @Test("a port on which somebody listens is not free, and the error names it and what it was for")
    func taken() async throws {
        try await withRedis { redis in
            #expect(!LoopbackPort.isFree(redis.port))
            let error = #expect(throws: LocalClusterError.self) {
                try LoopbackPort.requireFree([(port: redis.port, purpose: "node-1", flag: "--port")])
            }
            #expect(error?.code == "port_taken")
            #expect(error?.message.contains(String(redis.port)) == true)
            #expect(error?.message.contains("--port") == true)
        }
        #expect(!LoopbackPort.isFree(0))
        #expect(!LoopbackPort.isFree(65_536))
    }
}
