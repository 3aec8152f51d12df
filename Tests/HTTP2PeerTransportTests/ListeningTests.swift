import CollabModel
import Foundation
import HTTP2PeerTransport
import LocalCluster
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("Who may connect")
struct ListeningTests {
    @Test(
        "Without mutual TLS only loopback is listened on",
        arguments: ["0.0.0.0", "::", "192.168.1.5", "example.org", "10.0.0.1", "128.0.0.1", "::ffff:127.0.0.1"])
    func offLoopback(host: String) async throws {
        #expect(!LoopbackRule.isLoopback(host))
        await #expect {
            _ = try await RunningNode("node") { $0.host = host }
        } throws: { ($0 as? PeerTransportError)?.code == .insecure }
    }

    @Test("These are loopback", arguments: ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
    func loopback(host: String) { #expect(LoopbackRule.isLoopback(host)) }

    @Test("A port that is taken is an error that may pass")
    func takenPort() async throws {
        let first = try await RunningNode("first")
        await #expect {
            _ = try await RunningNode("second", port: first.address.port)
        } throws: { ($0 as? PeerTransportError)?.code == .bind }
        await first.transport.shutdown()
    }

    @Test("Settings that make no sense are refused")
    func settings() async {
        await #expect {
            _ = try await RunningNode("node") { $0.cluster = "two words" }
        } throws: { ($0 as? PeerTransportError)?.code == .configuration }
        await #expect {
            _ = try await RunningNode("node") { $0.heartbeat.silence = .zero }
        } throws: { ($0 as? PeerTransportError)?.code == .configuration }
        await #expect {
            _ = try await RunningNode("node") {
                $0.tls = PeerTLS(certificateChain: "/nowhere", privateKey: "/nowhere", trustRoots: "/nowhere")
            }
        } throws: { ($0 as? PeerTransportError)?.code == .tls }
    }

    @Test("With mutual TLS, nodes with certificates of one root talk, on any address, and no one else does")
    func mutualTLS() async throws {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        let stranger = try await TestAuthority()
        defer { stranger.remove() }
        let owner = try await RunningNode("owner") {
            $0.host = "0.0.0.0"
            $0.tls = authority.tls
            $0.hurry()
        }
        owner.transport.setService(RecordingPeerService())
        let address = PeerAddress(host: "127.0.0.1", port: owner.address.port)
        let friend = try await RunningNode("friend") { $0.tls = authority.tls }
        try await friend.transport.probe(address, timeout: .seconds(30))

        // Without TLS, with certificates of another root, and without a certificate.
        let plain = try await RunningNode("plain") { $0.hurry() }
        let other = try await RunningNode("other") { $0.tls = stranger.tls }
        var mixed = authority.tls
        mixed.certificateChain = stranger.tls.certificateChain
        mixed.privateKey = stranger.tls.privateKey
        // It trusts the owner, and shows a certificate that the owner does not trust.
        let impostor = try await RunningNode("impostor") { $0.tls = mixed }
        for node in [plain, other, impostor] {
            await #expect(throws: PeerFailure.self, "\(node.identity)") {
                try await node.transport.probe(address, timeout: .seconds(5))
            }
        }
        #expect(try await authority.connectWithoutCertificate(port: owner.address.port) == false)
        for node in [owner, friend, plain, other, impostor] { await node.transport.shutdown() }
    }
}

/// A root and a node's certificate, made by `openssl`.
struct TestAuthority {
    private let directory: URL
    let tls: PeerTLS

    init() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
        self.directory = directory
        tls = PeerTLS(certificateChain: path("node.pem"), privateKey: path("node.key"), trustRoots: path("root.pem"))
        try await Self.openSSL([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test root",
            "-keyout", path("root.key"), "-out", path("root.pem"),
        ])
        try await Self.openSSL([
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=node", "-keyout", path("node.key"), "-out",
            path("node.csr"),
        ])
        try Data("subjectAltName=IP:127.0.0.1,DNS:localhost\n".utf8).write(to: directory.appendingPathComponent("ext"))
        try await Self.openSSL([
            "x509", "-req", "-in", path("node.csr"), "-CA", path("root.pem"), "-CAkey", path("root.key"),
            "-CAcreateserial", "-days", "2", "-extfile", path("ext"), "-out", path("node.pem"),
        ])
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Whether the server goes on talking with a client that trusts it and shows no certificate.
    func connectWithoutCertificate(port: Int) async throws -> Bool {
        let output = try await Self.openSSL(
            ["s_client", "-connect", "127.0.0.1:\(port)", "-alpn", "h2", "-CAfile", tls.trustRoots, "-ign_eof"],
            mayFail: true)
        return !output.contains("certificate required")
    }

    @discardableResult
    private static func openSSL(_ arguments: [String], mayFail: Bool = false) async throws -> String {
        do {
            return try await Program("/usr/bin/env", ["openssl"] + arguments).run()
        } catch let error as LocalClusterError where mayFail {
            return error.message
        }
    }
}
