import Randomness
import RedisClient
import Testing

@Suite struct RedisEndpointTests {
    @Test(arguments: [
        ("redis://localhost", RedisEndpoint(host: "localhost")),
        ("redis://10.0.0.1:27500/", RedisEndpoint(host: "10.0.0.1", port: 27500)),
        ("redis://:p%40ss%3a@h:1/3", RedisEndpoint(host: "h", port: 1, password: "p@ss:", database: 3)),
        ("redis://me:a@b@h", RedisEndpoint(host: "h", user: "me", password: "a@b")),
        ("redis://[::1]:7000/0", RedisEndpoint(host: "::1", port: 7000)),
        ("redis://[fe80::1]", RedisEndpoint(host: "fe80::1")),
    ])
    func `a URL says where and how to log in`(url: String, endpoint: RedisEndpoint) throws {
        #expect(try RedisEndpoint(url: url) == endpoint)
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "rediss://:sesame@h", "redis://", "redis://:sesame@", "redis://:sesame@h:0",
        "redis://:sesame@h:65536", "redis://:sesame@h:port", "redis://:sesame@h/x", "redis://:sesame@h/-1",
        "redis://:sesame%@h", "redis://:sesame%zz@h", "redis://user@h", "redis://:sesame@[::1",
        "redis://:sesame@[::1]x",
    ])
    func `another URL is refused without repeating the password`(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisEndpoint(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("sesame") == false)
    }

    @Test func `an endpoint that is printed does not show the password`() throws {
        let endpoint = try RedisEndpoint(url: "redis://user:sesame@h:1/2")
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), dumped] {
            #expect(!text.contains("sesame"), "\(text)")
        }
    }

    @Test func `waits double up to the maximum, with jitter below`() {
        for seed in UInt64(0)..<50 {
            var generator = SplitMix64(seed: seed)
            var backoff = ReconnectBackoff(base: .milliseconds(10), maximum: .milliseconds(100))
            for step in [10, 20, 40, 80, 100, 100].map(Duration.milliseconds) {
                let wait = backoff.next(using: &generator)
                #expect(wait >= step / 2 && wait <= step, "seed \(seed)")
            }
            backoff.reset()
            #expect(backoff.next(using: &generator) <= .milliseconds(10), "seed \(seed)")
        }
    }

    @Test func `a backoff never overflows`() {
        var generator = SplitMix64(seed: 1)
        var backoff = ReconnectBackoff()
        for _ in 0..<1_000 { #expect(backoff.next(using: &generator) <= .seconds(1)) }
    }
}
