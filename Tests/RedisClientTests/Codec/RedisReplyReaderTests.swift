import Randomness
import Testing

@testable import RedisClient

@Suite struct RedisReplyReaderTests {
    static let samples: [(wire: String, values: [RedisValue])] = [
        ("+OK\r\n", [.status("OK")]),
        ("-ERR no\r\n", [.error("ERR no")]),
        (":-9223372036854775808\r\n", [.integer(.min)]),
        ("$-1\r\n", [.null]),
        ("*-1\r\n", [.null]),
        ("$0\r\n\r\n", [.bytes([])]),
        ("$5\r\na\r\nb\u{0}\r\n", [.bytes(Array("a\r\nb\u{0}".utf8))]),
        ("*0\r\n", [.array([])]),
        (
            "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n+y\r\n",
            [.array([.integer(1), .array([.bytes([120]), .null]), .status("y")])]
        ),
        ("+a\r\n+b\r\n:3\r\n", [.status("a"), .status("b"), .integer(3)]),
    ]

    @Test(arguments: samples)
    func `a reply is the same however it is cut`(sample: (wire: String, values: [RedisValue])) throws {
        let bytes = Array(sample.wire.utf8)
        for cut in 0...bytes.count {
            var reader = try RedisReplyReader(limits: .init())
            var values: [RedisValue] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                try reader.read(part, into: &values)
            }
            #expect(values == sample.values, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        "?\r\n", "hello", "\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n", "*x\r\n", "$99999999999999999999\r\n",
        "*9999999999\r\n",
        ":12x\r\n", "*1\r\n?\r\n", "$+1\r\nx\r\n",
    ])
    func `what is no reply is a violation`(wire: String) throws {
        #expect(try Self.violation(wire, .init()) == .protocolViolation)
    }

    @Test func `nesting is bounded`() throws {
        let open = String(repeating: "*1\r\n", count: 7)
        #expect(try Self.violation(open + "+x\r\n", .init()) == nil)
        #expect(try Self.violation("*1\r\n" + open + "*1\r\n+x\r\n", .init()) == .protocolViolation)
        #expect(try Self.violation(String(repeating: "*1\r\n", count: 100_000), .init()) == .protocolViolation)
    }

    @Test func `the elements of all arrays of a reply are bounded together, before they come`() throws {
        let limits = RedisReplyLimits(maximumElements: 10)
        #expect(try Self.violation("*10\r\n", limits) == nil)
        #expect(try Self.violation("*11\r\n", limits) == .protocolViolation)
        #expect(try Self.violation("*2\r\n*8\r\n", limits) == nil)
        #expect(try Self.violation("*2\r\n*9\r\n", limits) == .protocolViolation)
        #expect(try Self.violation("*2147483647\r\n", .init()) == .protocolViolation)
        let ten = "*10\r\n" + String(repeating: ":1\r\n", count: 10)
        #expect(try Self.violation(ten + ten, limits) == nil, "the next reply counts from zero")
    }

    @Test func `the length of a reply is bounded`() throws {
        let limits = RedisReplyLimits(maximumBytes: 100)
        let long = "$200\r\n" + String(repeating: "x", count: 150)
        #expect(try Self.violation(long, limits) == .protocolViolation)
        let many = "*9\r\n" + String(repeating: "$20\r\n12345678901234567890\r\n", count: 8)
        #expect(try Self.violation(many, limits) == .protocolViolation)
        #expect(try Self.violation(String(repeating: "+short\r\n", count: 100), limits) == nil)
    }

    @Test func `replies before a fault are delivered`() throws {
        var reader = try RedisReplyReader(limits: .init())
        var values: [RedisValue] = []
        #expect(throws: RedisError.self) {
            try reader.read("+a\r\n:2\r\n?".utf8, into: &values)
        }
        #expect(values == [.status("a"), .integer(2)])
    }

    @Test func `random bytes never do more than fail`() throws {
        let alphabet = Array("*$:+-0123456789\r\n\r\n\r\nx".utf8)
        for seed in UInt64(0)..<2_000 {
            var generator = SplitMix64(seed: seed)
            let bytes = (0..<Int.random(in: 1...80, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let code = try Self.violation(String(decoding: bytes, as: UTF8.self), .init(maximumElements: 1_000))
            #expect(code == nil || code == .protocolViolation, "seed \(seed)")
        }
    }

    /// What a fresh reader says of `wire`.
    private static func violation(_ wire: String, _ limits: RedisReplyLimits) throws -> RedisError.Code? {
        var reader = try RedisReplyReader(limits: limits)
        var values: [RedisValue] = []
        do throws(RedisError) {
            try reader.read(wire.utf8, into: &values)
            return nil
        } catch {
            return error.code
        }
    }
}
