import NIOCore
import Randomness
import Testing

@testable import RedisClient

@Suite struct RedisCommandTests {
    @Test func `a command is an array of bulk strings`() throws {
        var buffer = ByteBuffer()
        try RedisCommand("SET", "ключ", "").write(to: &buffer)
        #expect(String(buffer: buffer) == "*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$0\r\n\r\n")
    }

    @Test func `every command is read back as it was written`() throws {
        for seed in UInt64(0)..<500 {
            var generator = SplitMix64(seed: seed)
            let words: [[UInt8]] = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                }
            }
            var buffer = ByteBuffer()
            try RedisCommand("NAME", byteArguments: words).write(to: &buffer)
            var reader = try RedisReplyReader(limits: .init())
            var values: [RedisValue] = []
            try reader.read(buffer.readableBytesView, into: &values)
            #expect(values == [.array(([Array("NAME".utf8)] + words).map { .bytes($0) })], "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    ])
    func `a script's name is its SHA-1 as in the examples of the standard`(text: String, digest: String) {
        #expect(ScriptDigest.hexadecimal(text) == digest)
    }
}
