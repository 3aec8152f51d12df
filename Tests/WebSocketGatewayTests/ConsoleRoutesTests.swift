import JSON
import Synchronization
import Testing

@testable import WebSocketGateway

struct ConsoleRoutesTests {
    private static let timeline = "/api/cluster/documents/\(TestEdge.document)/timeline"

    private func ask(_ edge: TestEdge, _ method: String, _ target: String, _ headers: [String] = []) async throws
        -> (status: Int, json: JSONValue?)
    {
        let socket = try await RawWebSocket.connect(port: edge.port)
        let head =
            ["\(method) \(target) HTTP/1.1", "Host: edge.test", "Connection: close", "Content-Length: 0"] + headers
        try await socket.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let text = await socket.rest()
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let status = Int(parts[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        return (status, parts.count > 1 ? try? JSONValue(utf8: Array(parts[1].utf8)) : nil)
    }

    @Test func `a timeline joins what the log has with what the nodes remember`() async throws {
        try await withEdge { edge in
            let answer = try await ask(edge, "GET", Self.timeline)
            #expect(answer.status == 200)
            #expect(answer.json?["title"]?.string == "Plan")
            let epochs = try #require(answer.json?["epochs"]?.array)
            #expect(epochs.map { $0["epoch"]?.int } == [5, 3])
            #expect(epochs[0]["owner"]?.string == "n2")
            #expect(epochs[0]["cause"]?.string == "expired")
            #expect(epochs[0]["from"]?.string == "n1")
            #expect(epochs[0]["gapMicroseconds"]?.int == 70_000)
            #expect(epochs[0]["takeoverMicroseconds"]?.int == 11_000)
            #expect(epochs[0]["firstVersion"]?.int == 7)
            #expect(epochs[0]["since"]?.string == "1970-01-01T00:00:09.000Z")
            // Nobody remembers this one; the log has its versions.
            #expect(epochs[1]["owner"]?.isNull == true)
            #expect(epochs[1]["cause"]?.isNull == true)
            #expect(epochs[1]["lastVersion"]?.int == 6)
            #expect(answer.json?["snapshots"]?.array?.first?["version"]?.int == 4)
            #expect(answer.json?["activity"]?["operations"]?.array?.map(\.int) == [6, 0, 3])
            #expect(try await ask(edge, "GET", "/api/cluster/documents/nothing/timeline").status == 404)
        }
    }

    @Test func `a search finds documents and who owns them`() async throws {
        try await withEdge { edge in
            let found = try await ask(edge, "GET", "/api/cluster/documents?search=plan")
            #expect(found.status == 200)
            let item = try #require(found.json?["items"]?.array?.first)
            #expect(item["title"]?.string == "Plan")
            #expect(item["owner"]?.string == "n1")
            #expect(item["epoch"]?.int == 5)
            #expect(
                try await ask(edge, "GET", "/api/cluster/documents?search=other").json?["items"]?.array?.isEmpty == true
            )
            #expect(try await ask(edge, "GET", "/api/cluster/documents").status == 400)
            #expect(try await ask(edge, "GET", "/api/cluster/documents?search=plan&limit=1000").status == 400)
            let long = String(repeating: "x", count: 201)
            #expect(try await ask(edge, "GET", "/api/cluster/documents?search=\(long)").status == 400)
            #expect(try await ask(edge, "GET", "/api/cluster/documents?search=down").status == 503)
        }
    }

    @Test func `a drain is taken back unless the node is ending`() async throws {
        try await withEdge { edge in
            _ = try await ask(edge, "POST", "/api/cluster/nodes/n2/drain")
            let undrain = try await ask(edge, "DELETE", "/api/cluster/nodes/n2/drain")
            #expect(undrain.status == 200)
            #expect(undrain.json?["state"]?.string == "active")
            #expect(edge.cluster.drained.withLock { $0.isEmpty })
            #expect(try await ask(edge, "DELETE", "/api/cluster/nodes/n2/drain").status == 503)
            #expect(try await ask(edge, "DELETE", "/api/cluster/nodes/other/drain").status == 404)
        }
    }

    @Test func `all of it is for operators`() async throws {
        try await withEdge(authenticator: StrictAccess(), authorizer: StrictAccess()) { edge in
            for (method, target) in [
                ("GET", Self.timeline), ("GET", "/api/cluster/documents?search=plan"),
                ("DELETE", "/api/cluster/nodes/n2/drain"),
            ] {
                let unknown = try await ask(edge, method, target)
                #expect(unknown.status == 401)
                let user = try await ask(edge, method, target, ["Authorization: Bearer good"])
                #expect(user.status == 403)
                #expect(user.json?["error"]?["message"]?.string == "for operators")
            }
            let served = try await ask(edge, "GET", Self.timeline, ["Authorization: Bearer operator"])
            #expect(served.status == 200)
        }
    }
}
