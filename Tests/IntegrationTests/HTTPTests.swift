import CollabClient
import CollabModel
import Delta
import JSON
import LocalCluster
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("The HTTP API of a cluster", .sharedCluster, .timeLimit(.minutes(2)))
    struct HTTPTests {
        private let unknown = "0d9b3c52-57a1-4b7e-9a39-7f3a4d0a9c11"

        @Test("an unknown document is 404 for HTTP and 4404 for a session, on every node")
        func unknownDocument() async throws {
            for node in await (try SharedCluster.current).nodes {
                for path in ["", "/content", "/operations"] {
                    let answer = try await node.get("/api/documents/\(unknown)\(path)")
                    #expect(answer.status == 404 && answer.errorCode == "not_found", "\(path): \(answer)")
                }
                #expect(try await node.get("/api/cluster/documents/\(unknown)").status == 404)
                #expect(try await node.get("/api/documents/no-uuid").status == 404)
                for name in [unknown, "no-uuid"] {
                    let session = try await RawSession.connect(to: node, name)
                    #expect(try await session.closeCode() == CloseCode.notFound.rawValue)
                }
            }
        }

        @Test("a document that is created on one node is read, listed and edited on the others")
        func created() async throws {
            let nodes = await (try SharedCluster.current).nodes
            let made = try await nodes[0].post(
                "/api/documents?user=ann",
                #"{"title":"Café \"☕\"","content":[{"insert":"bold","attributes":{"bold":true}},{"insert":"\n"}]}"#)
            #expect(made.status == 201)
            let id = try #require(made.body["id"]?.string)
            let document = try #require(DocumentID(id))
            for node in nodes {
                let read = try await node.get("/api/documents/\(id)?user=bob")
                #expect(read.status == 200)
                #expect(read.body["title"]?.string == #"Café "☕""#)
                #expect(read.body["version"]?.int == 0)
                let (session, opening) = try await RawSession.open(document, at: node)
                #expect(
                    opening.content.description == #"[{"attributes":{"bold":true},"insert":"bold"},{"insert":"\n"}]"#
                        || opening.content.description
                            == #"[{"insert":"bold","attributes":{"bold":true}},{"insert":"\n"}]"#
                )
                await session.abort()
            }
            var listed: [String] = []
            var cursor: String?
            repeat {
                let page = try await nodes[2].get(
                    "/api/documents?user=bob&limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(page.status == 200)
                listed += page.body["items"]?.array?.compactMap { $0["id"]?.string } ?? []
                cursor = page.body["next"]?.string
            } while cursor != nil
            #expect(listed.filter { $0 == id }.count == 1)
        }

        @Test(
            "a body that makes no document is refused with the fitting status",
            arguments: [
                ("{", 400), ("[]", 400), (#"{"title":7}"#, 400), (#"{"title":""}"#, 400),
                (#"{"content":[{"retain":1}]}"#, 422), (#"{"content":[{"insert":1}]}"#, 400),
            ])
        func refusedBodies(body: String, status: Int) async throws {
            let node = await (try SharedCluster.current).nodes[0]
            let answer = try await node.post("/api/documents?user=ann", body)
            #expect(answer.status == status, "\(body): \(answer)")
            #expect(answer.errorCode != nil)
        }

        @Test("G6: content at every version and the operations are what the log replays to, on every node")
        func contentAndOperations() async throws {
            let cluster = try SharedCluster.current
            let nodes = await cluster.nodes
            let document = try await cluster.createDocument(title: "History")
            let editor = try await Editor.open(document, at: nodes[0], name: "e0")
            for _ in 0..<7 { try await editor.typeAndSave() }
            let log = try await [editor].checkConvergence(document, on: cluster)
            try await log.checkNodes(nodes)
            for node in nodes {
                var content = DocumentContent()
                for row in log.rows {
                    try content.apply(row.delta)
                    let path = "/api/documents/\(document)/content?version=\(row.version)"
                    let text = try await node.get(path + "&format=text")
                    #expect(text.body["content"]?.string == content.text)
                    let ops = try #require(try await node.get(path).body["content"])
                    #expect(try DocumentContent(Delta(jsonUTF8: ops.canonicalUTF8)).digest == row.digest)
                }
                #expect(try await node.get("/api/documents/\(document)/content?version=99").status == 404)
                #expect(try await node.get("/api/documents/\(document)/content?version=-1").status == 400)
                let page = try await node.get("/api/documents/\(document)/operations?after=2&limit=3")
                #expect(page.body["items"]?.array?.compactMap { $0["version"]?.int } == [3, 4, 5])
                #expect(page.body["next"]?.string == "5")
                #expect(
                    page.body["items"]?.array?.compactMap { $0["digest"]?.string }
                        == log.rows[2..<5].map(\.digest.description))
                let rest = try await node.get("/api/documents/\(document)/operations?after=5")
                #expect(rest.body["items"]?.array?.count == 2 && rest.body["next"]?.isNull == true)
            }
            await editor.session.close()
        }

        @Test("the cluster says who its members are, who owns a document, and that it is well")
        func cluster() async throws {
            let cluster = try SharedCluster.current
            let nodes = await cluster.nodes
            let document = try await cluster.createDocument(title: "Owned")
            let (session, _) = try await RawSession.open(document, at: nodes[1])
            let owner = try await cluster.owner(of: document)
            for node in nodes {
                let overview = try await node.get("/api/cluster?user=operator")
                #expect(overview.body["self"]?.string == node.id.text)
                #expect(
                    overview.body["members"]?.array?.compactMap { $0["id"]?.string }.sorted() == nodes.map(\.id.text))
                let place = try await node.get("/api/cluster/documents/\(document)?user=operator")
                #expect(place.body["owner"]?["node"]?.string == owner.text)
                #expect(place.body["epoch"]?.int == 1)
                #expect(try await node.get("/healthz").status == 200)
                let ready = try await node.get("/readyz")
                #expect(ready.status == 200)
                #expect(ready.body["dependencies"]?["postgres"]?["ready"]?.bool == true, "\(ready.body)")
                #expect(ready.body["dependencies"]?["redis"]?["ready"]?.bool == true, "\(ready.body)")
                #expect(try await node.metric("collab_owned_documents") >= (node.id == owner ? 1 : 0))
                #expect(try await node.get("/doc/\(document)").status == 426)
            }
            #expect(try await nodes[0].post("/api/cluster/nodes/nobody/drain?user=operator", "").status == 404)
            await session.abort()
        }
    }
}
