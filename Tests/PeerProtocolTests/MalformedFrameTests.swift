import CollabModel
import DocumentCore
import PeerProtocol
import Randomness
import Testing

@Suite("Malformed frames are refused")
struct MalformedFrameTests {
    /// Reads bytes as every kind of frame. What matters is that it returns.
    private func readAll(_ bytes: [UInt8]) -> Int {
        var accepted = 0
        if (try? ReplicaFrame(frame: bytes)) != nil { accepted += 1 }
        if (try? OwnerFrame(frame: bytes)) != nil { accepted += 1 }
        if (try? OpenRequest(frame: bytes)) != nil { accepted += 1 }
        if (try? OpenRefusal(frame: bytes)) != nil { accepted += 1 }
        if (try? PeerRequest(frame: bytes)) != nil { accepted += 1 }
        if (try? PeerResponse(frame: bytes)) != nil { accepted += 1 }
        return accepted
    }

    private func sample(_ random: inout SplitMix64) -> [UInt8] {
        switch random.below(6) {
        case 0: random.replicaFrame(random.below(SplitMix64.replicaCases)).encodedFrame
        case 1: random.ownerFrame(random.below(SplitMix64.ownerCases)).encodedFrame
        case 2: random.openRequest().encodedFrame
        case 3: random.refusal(random.below(SplitMix64.refusalCases)).encodedFrame
        case 4: random.request(random.below(SplitMix64.requestCases)).encodedFrame
        default: random.response(random.below(SplitMix64.responseCases)).encodedFrame
        }
    }

    private func setLength(_ bytes: inout [UInt8]) {
        guard bytes.count >= 4 else { return }
        let length = UInt32(bytes.count - 4)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
    }

    @Test("Random bytes never trap", arguments: [11, 12, 13] as [UInt64])
    func randomBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            var bytes = (0..<random.below(120)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if random.bool(), bytes.count >= 6 {
                // Past the envelope, so that the values are read.
                bytes[4] = PeerFrame.formatVersion
                bytes[5] = UInt8(1 + random.below(6))
                setLength(&bytes)
            }
            #expect(readAll(bytes) <= 1, "seed \(seed)")
        }
    }

    @Test("Changed frames never trap, and are read as one kind at most", arguments: [21, 22, 23] as [UInt64])
    func mutations(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            var bytes = sample(&random)
            for _ in 0...random.below(3) {
                switch random.below(4) {
                case 0: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: random.below(bytes.count))
                case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(bytes.count + 1))
                default: bytes[random.below(bytes.count)] = 0xFF
                }
            }
            if random.bool() { setLength(&bytes) }
            #expect(readAll(bytes) <= 1, "seed \(seed)")
        }
    }

    @Test("A frame that ends too early is refused at every length", arguments: [31, 32] as [UInt64])
    func truncations(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let whole = sample(&random)
            for count in 0..<whole.count {
                var part = Array(whole.prefix(count))
                #expect(readAll(part) == 0, "seed \(seed), \(count) of \(whole.count) bytes")
                setLength(&part)
                #expect(readAll(part) == 0, "seed \(seed), \(count) of \(whole.count) bytes with their own length")
            }
        }
    }

    @Test("Each fault of the envelope has its error")
    func envelope() {
        #expect(throws: PeerCodecError.truncated) { try PeerRequest(frame: []) }
        #expect(throws: PeerCodecError.truncated) { try PeerRequest(frame: [0, 0, 0, 1, 1]) }
        #expect(throws: PeerCodecError.version(2)) { try PeerRequest(frame: [0, 0, 0, 3, 2, 5, 1]) }
        #expect(throws: PeerCodecError.unknownKind(99)) { try PeerRequest(frame: [0, 0, 0, 3, 1, 99, 1]) }
        #expect(throws: PeerCodecError.unknownKind(6)) { try PeerRequest(frame: [0, 0, 0, 3, 1, 6, 1]) }
        #expect(throws: PeerCodecError.unknownCase("a request", 200)) {
            try PeerRequest(frame: [0, 0, 0, 3, 1, 5, 200])
        }
        #expect(throws: PeerCodecError.trailingBytes(1)) { try PeerRequest(frame: [0, 0, 0, 4, 1, 5, 1, 0]) }
        #expect(throws: PeerCodecError.tooLong(bytes: 0xFFFF_FFFF)) {
            try PeerRequest(frame: [255, 255, 255, 255, 1, 5])
        }
    }

    @Test("A count that the frame has no bytes for asks for no memory")
    func hugeCount() {
        // A batch of commits that says it has 2^62 operations.
        let count: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]
        var bytes: [UInt8] = [0, 0, 0, 0, PeerFrame.formatVersion, OwnerFrame.frameKind, 2, 4, 0] + count
        setLength(&bytes)
        #expect(throws: PeerCodecError.truncated) { try OwnerFrame(frame: bytes) }
    }

    @Test("An integer has one form, and fits")
    func integers() {
        func question(_ integer: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = [0, 0, 0, 0, PeerFrame.formatVersion, ReplicaFrame.frameKind, 2, 5] + integer
            setLength(&bytes)
            return bytes
        }
        #expect((try? ReplicaFrame(frame: question([0]))) != nil)
        #expect((try? ReplicaFrame(frame: question([UInt8](repeating: 0xFF, count: 9) + [1]))) != nil)
        #expect(throws: PeerCodecError.invalid("an integer")) { try ReplicaFrame(frame: question([0x80, 0])) }
        #expect(throws: PeerCodecError.invalid("an integer")) {
            try ReplicaFrame(frame: question([UInt8](repeating: 0xFF, count: 9) + [2]))
        }
        #expect(throws: PeerCodecError.invalid("an integer")) {
            try ReplicaFrame(frame: question([UInt8](repeating: 0xFF, count: 10) + [1]))
        }
    }

    @Test("A batch of commits without a commit is refused")
    func emptyBatch() {
        let frame = OwnerFrame(
            epoch: Epoch(1), message: .commits(CommitBatch(operations: [], committedAtMicroseconds: 0)))
        #expect(throws: PeerCodecError.invalid("a batch of commits")) { try OwnerFrame(frame: frame.encodedFrame) }
    }
}
