import RuntimePorts
import Testing

@Suite("Which pages may use a node")
struct OriginPolicyTests {
    private let policy = OriginPolicy(configured: ["https://docs.test"]) { ["http://node-2.test:3002"] }

    @Test(
        "A page is the node's own when it addressed an address, not when it addressed a name that leads here",
        arguments: [
            ("http://127.0.0.1:3001", "127.0.0.1:3001", true), ("http://localhost:3001", "127.0.0.1:3001", true),
            ("http://localhost:3001", "localhost:3001", true), ("http://192.168.1.5:3001", "192.168.1.5:3001", true),
            ("http://[::1]:3001", "[::1]:3001", true), ("http://evil.example:3001", "evil.example:3001", false),
            ("http://1.2.3.4.example:3001", "1.2.3.4.example:3001", false),
            ("http://127.0.0.1.evil:3001", "127.0.0.1.evil:3001", false),
            ("http://evil.example", "127.0.0.1:3001", false),
        ])
    func own(origin: String, authority: String, isAllowed: Bool) {
        #expect(policy.allows(origin, authority: authority) == isAllowed)
    }

    @Test(
        "A scheme's own port says nothing, on either side",
        arguments: [
            ("https://a.test:443", "https://a.test", true), ("https://a.test", "https://a.test:443", true),
            ("http://a.test:80", "http://a.test", true), ("http://a.test", "http://a.test:443", false),
            ("https://a.test:443", "http://a.test", false), ("http://a.test:8080", "http://a.test:80", false),
        ])
    func ports(configured: String, origin: String, isAllowed: Bool) {
        #expect(OriginPolicy(configured: [configured]).allows(origin, authority: nil) == isAllowed)
    }

    @Test(
        "Names are those that are configured and those of the members",
        arguments: [("https://docs.test", true), ("http://node-2.test:3002", true), ("http://node-2.test:3003", false)])
    func names(origin: String, isAllowed: Bool) {
        #expect(policy.allows(origin, authority: "127.0.0.1:3001") == isAllowed)
    }
}
