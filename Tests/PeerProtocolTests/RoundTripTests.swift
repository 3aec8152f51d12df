import CollabModel
import Delta
import DocumentCore
import PeerProtocol
import Randomness
import Testing

@Suite("Every message is read as it was written")
struct RoundTripTests {
    private static let seeds: [UInt64] = [1, 2, 3, 4]
    private static let rounds = 50

    private func check<Value: PeerFramed & Equatable>(_ value: Value, _ seed: UInt64) throws {
        let read = try Value(frame: value.encodedFrame)
        #expect(read == value, "seed \(seed)")
    }

    @Test("from a replica to an owner", arguments: seeds)
    func replicaFrames(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for round in 0..<Self.rounds * SplitMix64.replicaCases {
            try check(random.replicaFrame(round % SplitMix64.replicaCases), seed)
        }
    }

    @Test("from an owner to a replica", arguments: seeds)
    func ownerFrames(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for round in 0..<Self.rounds * SplitMix64.ownerCases {
            try check(random.ownerFrame(round % SplitMix64.ownerCases), seed)
        }
    }

    @Test("when a stream is opened or declined", arguments: seeds)
    func openings(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for round in 0..<Self.rounds * SplitMix64.refusalCases {
            try check(random.openRequest(), seed)
            try check(random.refusal(round % SplitMix64.refusalCases), seed)
        }
    }

    @Test("when something is asked outside of the streams", arguments: seeds)
    func requests(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for round in 0..<Self.rounds * SplitMix64.responseCases {
            try check(random.request(round % SplitMix64.requestCases), seed)
            try check(random.response(round % SplitMix64.responseCases), seed)
        }
    }

    @Test("A commit's delta travels as the bytes that the owner encoded")
    func encodedDelta() throws {
        var random = SplitMix64(seed: 7)
        var operation = random.committed()
        operation.delta = Delta(ops: [])
        // The same delta in another spelling: what is read keeps it.
        operation.encodedDelta = Array(" [ ] ".utf8)
        let frame = OwnerFrame(
            epoch: Epoch(1), message: .commits(CommitBatch(operations: [operation], committedAtMicroseconds: 0)))
        guard case .commits(let batch) = try OwnerFrame(frame: frame.encodedFrame).message else {
            Issue.record("not a batch")
            return
        }
        #expect(batch.operations.first?.encodedDelta == operation.encodedDelta)
        #expect(batch.operations.first?.delta == operation.delta)
    }

    @Test("A reason that is too long is cut between characters")
    func longReason() throws {
        let reason = String(repeating: "é", count: 40_000)
        guard case .failed(let read) = try PeerResponse(frame: PeerResponse.failed(reason).encodedFrame) else {
            Issue.record("not a failure")
            return
        }
        #expect(read == String(repeating: "é", count: 32_768))
    }

    @Test("A frame starts with its length, its version and its kind")
    func layout() {
        let frame = PeerRequest.probe.encodedFrame
        #expect(frame == [0, 0, 0, 3, 1, 5, 1])
    }
}
