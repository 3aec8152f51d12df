import CollabModel
import Foundation
import JSON
import Logging
import RuntimePorts
import Synchronization
import Testing
import WebSocketGateway

@Suite struct HTTPAPITests {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: String
        var json: JSONValue? { try? JSONValue(utf8: Array(body.utf8)) }
        var code: String? { json?["error"]?["code"]?.string }
    }

    private func ask(
        _ edge: TestEdge, _ method: String, _ target: String, _ body: String = "", headers: [String] = []
    ) async throws -> Answer {
        let socket = try await RawWebSocket.connect(port: edge.port)
        let head =
            [
                "\(method) \(target) HTTP/1.1", "Host: edge.test", "Connection: close",
                "Content-Length: \(body.utf8.count)",
            ]
            + headers
        try await socket.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        let text = await socket.rest()
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n")
        try #require(!lines.isEmpty, "the connection was closed without an answer")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            fields[pair[0].lowercased()] = String(pair[1].drop { $0 == " " })
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        return Answer(status: status, headers: fields, body: parts.count > 1 ? String(parts[1]) : "")
    }

    @Test(arguments: ["/api/documents?user=%ff", "/api/documents?limit=%4", "/api/cluster?a=%zz"])
    func `a query that cannot be decoded is an error, not an absent parameter`(target: String) async throws {
        try await withEdge { edge in
            let answer = try await ask(edge, "GET", target)
            #expect(answer.status == 400)
            #expect(answer.code == "bad_request")
            #expect(answer.body.contains("the query cannot be used"))
        }
    }

    @Test func `documents are created, listed and read`() async throws {
        try await withEdge { edge in
            let made = try await ask(
                edge, "POST", "/api/documents?user=ann", #"{"title":"Plan","content":[{"insert":"hi\n"}]}"#)
            #expect(made.status == 201)
            let id = try #require(made.json?["id"]?.string)
            #expect(made.headers["location"] == "/api/documents/\(id)")
            #expect(made.json?["title"]?.string == "Plan")
            #expect(made.json?["version"]?.int == 0)
            #expect(made.json?["permission"]?.string == "edit")
            #expect(made.json?["createdAt"]?.string == "1970-01-01T00:00:01.000Z")
            #expect(made.json?["updatedAt"]?.string == "2023-11-14T22:13:20.123Z")
            _ = try await ask(edge, "POST", "/api/documents", "{}")
            let read = try await ask(edge, "GET", "/api/documents/\(id)")
            #expect(read.json == made.json)
            let page = try await ask(edge, "GET", "/api/documents?limit=1")
            #expect(page.json?["items"]?.array?.count == 1)
            let next = try #require(page.json?["next"]?.string)
            let rest = try await ask(edge, "GET", "/api/documents?limit=1&cursor=\(next)")
            #expect(rest.json?["items"]?.array?.first?["title"]?.string == "Untitled")
            #expect(rest.json?["next"]?.isNull == true)
        }
    }

    @Test(arguments: [
        ("{", 400), ("[]", 400), (#"{"title":7}"#, 400), (#"{"title":""}"#, 400),
        (#"{"content":7}"#, 400), (#"{"content":[{"insert":""}]}"#, 400), (#"{"content":[{"retain":1}]}"#, 422),
    ])
    func `a document that cannot be created is refused`(body: String, status: Int) async throws {
        try await withEdge { edge in
            let answer = try await ask(edge, "POST", "/api/documents", body)
            #expect(answer.status == status)
            #expect(answer.code != nil)
        }
    }

    @Test func `a document is created from nothing, and none that is too long to be edited`() async throws {
        try await withEdge { edge in
            let made = try await ask(edge, "POST", "/api/documents?user=ann")
            #expect(made.status == 201)
            #expect(made.json?["title"]?.string == "Untitled")
            for (length, status) in [(TestEdge.documentLength, 201), (TestEdge.documentLength + 1, 413)] {
                let text = String(repeating: "x", count: length)
                let answer = try await ask(edge, "POST", "/api/documents", #"{"content":[{"insert":"\#(text)"}]}"#)
                #expect(answer.status == status)
            }
        }
    }

    @Test func `a user of a header that is not UTF-8 is nobody`() async throws {
        try await withEdge { edge in
            let answer = try await ask(edge, "GET", "/api/documents", headers: ["X-Collab-User: a\u{FFFD}"])
            #expect(answer.status == 401)
        }
    }

    @Test func `a body above the bound is refused with 413`() async throws {
        try await withEdge { edge in
            let socket = try await RawWebSocket.connect(port: edge.port)
            try await socket.write(
                Array("POST /api/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n{".utf8))
            #expect(try await socket.closesAfter("413"))
        }
    }

    @Test func `content and operations are given from the ports`() async throws {
        let client = ClientID(Identifier128(high: 1, low: 2))
        let log = MemoryLog(stored: (1...5).map { committed($0, client, "o\($0)") })
        try await withEdge(log: log) { edge in
            let path = "/api/documents/\(TestEdge.document)"
            let content = try await ask(edge, "GET", "\(path)/content?version=3")
            #expect(content.body == #"{"version":3,"content":[{"insert":"\n"}]}"#)
            #expect(try await ask(edge, "GET", "\(path)/content?format=text").body == #"{"version":9,"content":"\n"}"#)
            let html = try await ask(edge, "GET", "\(path)/content?format=html")
            #expect(html.status == 400)
            #expect(html.body.contains("unsupported format"))
            #expect(try await ask(edge, "GET", "\(path)/content?version=10").status == 404)
            #expect(try await ask(edge, "GET", "\(path)/content?version=-1").status == 400)
            let page = try await ask(edge, "GET", "\(path)/operations?after=1&limit=2")
            #expect(page.json?["items"]?.array?.compactMap { $0["version"]?.int } == [2, 3])
            #expect(page.json?["items"]?.array?.first?["operation"]?.array?.first?["insert"]?.string == "x")
            #expect(page.json?["next"]?.string == "3")
            let end = try await ask(edge, "GET", "\(path)/operations?after=3")
            #expect(end.json?["items"]?.array?.count == 2)
            #expect(end.json?["next"]?.isNull == true)
            #expect(try await ask(edge, "GET", "\(path)/operations?limit=0").status == 400)
        }
    }

    @Test func `the cluster is shown and drained`() async throws {
        try await withEdge { edge in
            let overview = try await ask(edge, "GET", "/api/cluster")
            #expect(overview.json?["cluster"]?.string == "test")
            #expect(overview.json?["self"]?.string == "n1")
            let first = try #require(overview.json?["members"]?.array?.first)
            #expect(first["id"]?.string == "n1" && first["url"]?.string == "http://127.0.0.1:3001")
            #expect(first["state"]?.string == "active" && first["documents"]?.int == 3 && first["sessions"]?.int == 4)
            #expect(first["incarnation"]?.string == "7")
            #expect(overview.json?["members"]?.array?.last?["state"]?.string == "draining")
            let place = try await ask(edge, "GET", "/api/cluster/documents/\(TestEdge.document)")
            #expect(
                place.body
                    == #"{"document":"\#(TestEdge.document)","owner":{"node":"n1","url":"http://127.0.0.1:3001"},"epoch":5,"version":9,"servedBy":"n1"}"#
            )
            let drain = try await ask(edge, "POST", "/api/cluster/nodes/n2/drain")
            #expect(drain.status == 202)
            #expect(edge.cluster.drained.withLock { $0.map(\.text) } == ["n2"])
            #expect(try await ask(edge, "POST", "/api/cluster/nodes/other/drain").status == 404)
        }
    }

    @Test func `everybody learns where the members are, and operators how they are`() async throws {
        let access = StrictAccess()
        try await withEdge(authenticator: access, authorizer: access) { edge in
            for token in ["good", "viewer"] {
                let overview = try await ask(edge, "GET", "/api/cluster?token=\(token)")
                #expect(overview.status == 200)
                #expect(
                    overview.body
                        == #"{"self":"n1","members":[{"id":"n1","url":"http://127.0.0.1:3001","state":"active"},"#
                        + #"{"id":"n2","url":"http://127.0.0.1:3002","state":"draining"}]}"#)
            }
            let whole = try await ask(edge, "GET", "/api/cluster?token=operator")
            #expect(whole.json?["cluster"]?.string == "test")
            #expect(whole.json?["members"]?.array?.first?["sessions"]?.int == 4)
            #expect(try await ask(edge, "GET", "/api/cluster").status == 401)
        }
    }

    @Test func `operators read and set the level of the logs, and nobody else`() async throws {
        let access = StrictAccess()
        let path = "/api/node/log-level"
        try await withEdge(authenticator: access, authorizer: access) { edge in
            let before = try await ask(edge, "GET", "\(path)?token=operator")
            #expect(before.status == 200 && before.body == #"{"level":"info"}"#)
            for body in [#"{"level":"loud"}"#, #"{"level":7}"#, "{}", ""] {
                #expect(try await ask(edge, "PUT", "\(path)?token=operator", body).status == 400)
            }
            #expect(try await ask(edge, "PUT", "\(path)?token=good", #"{"level":"trace"}"#).status == 403)
            #expect(try await ask(edge, "GET", "\(path)?token=good").status == 403)
            #expect(try await ask(edge, "PUT", path, #"{"level":"trace"}"#).status == 401)
            #expect(edge.logLevel() == .info)
            let set = try await ask(edge, "PUT", "\(path)?token=operator", #"{"level":"debug"}"#)
            #expect(set.status == 200 && set.body == #"{"level":"debug"}"#)
            #expect(edge.logLevel() == .debug)
        }
    }

    @Test func `access is asked of the ports`() async throws {
        let access = StrictAccess()
        try await withEdge(authenticator: access, authorizer: access) { edge in
            let unknown = try await ask(edge, "GET", "/api/documents")
            #expect(unknown.status == 401 && unknown.code == "unauthorized")
            #expect(unknown.headers["www-authenticate"] == "Bearer")
            let good = ["Authorization: Bearer good"]
            #expect(try await ask(edge, "GET", "/api/documents", headers: good).status == 200)
            #expect(try await ask(edge, "GET", "/api/documents?token=down").status == 503)
            #expect(try await ask(edge, "POST", "/api/documents?token=viewer", "{}").status == 403)
            let other = "/api/documents/00000002-0000-4000-8000-000000000000/content"
            #expect(try await ask(edge, "GET", other, headers: good).status == 404)
            #expect(try await ask(edge, "POST", "/api/cluster/nodes/n1/drain", headers: good).status == 403)
        }
    }

    @Test func `health, readiness and metrics are told`() async throws {
        try await withEdge { edge in
            #expect(try await ask(edge, "GET", "/healthz").body == #"{"status":"ok"}"#)
            #expect(try await ask(edge, "GET", "/readyz").status == 200)
            edge.cluster.ready.withLock {
                $0.dependencies = [
                    DependencyStatus(name: "postgres", isReady: false, message: "refused"),
                    DependencyStatus(name: "redis", isReady: true, message: "ok"),
                ]
            }
            let unready = try await ask(edge, "GET", "/readyz")
            #expect(unready.status == 503)
            #expect(
                unready.body
                    == #"{"status":"not_ready","dependencies":{"postgres":{"ready":false,"message":"refused"},"redis":{"ready":true,"message":"ok"}}}"#
            )
            edge.cluster.ready.withLock { $0 = NodeReadiness(isDraining: true, dependencies: []) }
            #expect(try await ask(edge, "GET", "/readyz").body.contains(#""status":"draining""#))
            let metrics = try await ask(edge, "GET", "/metrics")
            #expect(metrics.body == "up 1\n")
            #expect(metrics.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        }
    }

    @Test func `unknown routes, other methods and a missing database have their status`() async throws {
        try await withEdge { edge in
            let unknown = try await ask(edge, "GET", "/api/nothing")
            #expect(unknown.status == 404 && unknown.code == "not_found")
            #expect(try await ask(edge, "GET", "/api/documents/no-uuid").code == "not_found")
            #expect(try await ask(edge, "GET", "/api/documents/\(TestEdge.document)").status == 404)
            let other = try await ask(edge, "DELETE", "/api/documents")
            #expect(other.status == 405 && other.code == "method_not_allowed")
            #expect(other.headers["allow"]?.contains("POST") == true)
            let head = try await ask(edge, "HEAD", "/healthz")
            #expect(head.status == 200 && head.body == "")
            edge.catalog.isAvailable.withLock { $0 = false }
            let down = try await ask(edge, "GET", "/api/documents")
            #expect(down.status == 503 && down.code == "unavailable")
        }
    }

    @Test(arguments: [
        TestEdge.member, "http://localhost:3002", "HTTP://LOCALHOST:3002", "https://docs.test",
    ])
    func `pages of the cluster's origins may read and write`(origin: String) async throws {
        try await withEdge { edge in
            let headers = ["Origin: \(origin)"]
            let preflight = try await ask(edge, "OPTIONS", "/api/documents", headers: headers)
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
            #expect(preflight.headers["access-control-allow-headers"]?.contains("content-type") == true)
            let read = try await ask(edge, "GET", "/api/cluster", headers: headers)
            #expect(read.headers["access-control-allow-origin"] == origin && read.headers["vary"] == "Origin")
            #expect(try await ask(edge, "POST", "/api/documents", "{}", headers: headers).status == 201)
        }
    }

    @Test(arguments: [
        "http://evil.example", "null", "file://", "http://127.0.0.1:1", "http://edge.test.evil", "http://edge.test:81",
        "http://edge.test", "https://edge.test", "http://docs.test", "https://docs.test:444",
    ])
    func `pages of other origins may neither read nor write`(origin: String) async throws {
        try await withEdge { edge in
            for (method, body) in [("GET", ""), ("POST", "{}"), ("OPTIONS", "")] {
                let answer = try await ask(edge, method, "/api/documents", body, headers: ["Origin: \(origin)"])
                #expect(answer.status == 403 && answer.code == "forbidden", "\(method)")
                #expect(answer.headers["access-control-allow-origin"] == nil)
            }
        }
    }

    @Test func `a document is renamed by whoever may edit it`() async throws {
        try await withEdge { edge in
            let made = try await ask(edge, "POST", "/api/documents", #"{"title":"Before"}"#)
            let path = try #require(made.headers["location"])
            let renamed = try await ask(edge, "PATCH", path, #"{"title":"After \u00e9"}"#)
            #expect(renamed.status == 200 && renamed.body.contains(#""title":"After é""#))
            #expect(try await ask(edge, "GET", path).body == renamed.body)
            for body in [
                "{}", "[]", #"{"title":""}"#, #"{"title":7}"#, #"{"title":"a\u0000"}"#, #"{"title":"a","x":1}"#,
            ] {
                #expect(try await ask(edge, "PATCH", path, body).status == 400, "\(body)")
            }
            let unknown = "/api/documents/\(TestEdge.document)"
            #expect(try await ask(edge, "PATCH", unknown, #"{"title":"x"}"#).status == 404)
        }
        try await withEdge(authenticator: StrictAccess(), authorizer: StrictAccess()) { edge in
            let path = "/api/documents/\(TestEdge.document)"
            let viewer = ["Authorization: Bearer viewer"]
            let forbidden = try await ask(edge, "PATCH", path, #"{"title":"x"}"#, headers: viewer)
            #expect(forbidden.status == 403)
            let unknown = try await ask(edge, "PATCH", path, #"{"title":"x"}"#)
            #expect(unknown.status == 401)
        }
    }

    @Test func `the page's files are served, and nothing beside them`() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString)")
        let folder = root.appending(path: "web")
        try FileManager.default.createDirectory(at: folder.appending(path: "sub"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in [
            ("web/index.html", "<p>page"), ("web/sub/a b.js", "1"), ("web/.hidden", "x"), ("secret", "s"),
        ] {
            try Data(text.utf8).write(to: root.appending(path: name))
        }
        try await withEdge(webRoot: folder.path()) { edge in
            let page = try await ask(edge, "GET", "/")
            #expect(page.body == "<p>page")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(try await ask(edge, "GET", "/d/\(TestEdge.document)").body == "<p>page")
            let script = try await ask(edge, "GET", "/web/sub/a%20b.js")
            #expect(script.body == "1" && script.headers["content-type"] == "text/javascript; charset=utf-8")
            let tag = try #require(script.headers["etag"])
            let again = try await ask(edge, "GET", "/web/sub/a%20b.js", headers: ["If-None-Match: \(tag)"])
            #expect(again.status == 304 && again.body == "")
            for path in [
                "/web/../secret", "/web/%2e%2e/secret", "/web/..%2fsecret", "/web/.hidden", "/web/sub", "/web/",
                "/web/sub/",
                "/web//etc/passwd", "/web/%2fetc%2fpasswd", "/web/no.js", "/web/a%00.js", "/web/..%5csecret",
                "/web/%zz",
            ] {
                #expect(try await ask(edge, "GET", path).status == 404, "\(path)")
            }
        }
    }
}

extension RawWebSocket {
    /// Whether the server answers with the status.
    fileprivate func closesAfter(_ status: String) async throws -> Bool {
        let text = await rest()
        return text.hasPrefix("HTTP/1.1 \(status)")
    }
}
