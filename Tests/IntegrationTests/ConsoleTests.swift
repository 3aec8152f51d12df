import CollabModel
import JSON
import LocalCluster
import Testing

extension IntegrationTests {
    @Suite("The operators' console of a cluster", .timeLimit(.minutes(3)))
    struct ConsoleTests {
        @Test("who is no operator is refused with a reason and changes nothing; an operator is served")
        func refused() async throws {
            try await withLocalCluster(nodes: 2, environment: ["COLLAB_OPERATORS": "ops,second"]) { cluster in
                let nodes = await cluster.nodes
                let document = try await cluster.createDocument(title: "Not for everybody")
                let stranger = try await RawConsole.connect(to: nodes[0], user: "ann")
                try await stranger.expectClose(.forbidden)
                let drain = "/api/cluster/nodes/\(nodes[1].id)/drain?user="
                for answer in [
                    try await nodes[0].get("/api/cluster/documents/\(document)/timeline?user=ann"),
                    try await nodes[0].get("/api/cluster/documents?search=not&user=ann"),
                    try await nodes[0].post(drain + "ann", ""), try await nodes[0].delete(drain + "ann"),
                ] {
                    #expect(answer.status == 403 && answer.errorCode == "forbidden", "\(answer)")
                    #expect(answer.body["error"]?["message"]?.string == "for operators")
                }
                // His page must find another node all the same.
                let overview = try await nodes[0].get("/api/cluster?user=ann")
                let members = try #require(overview.body["members"]?.array, "\(overview)")
                #expect(members.compactMap { $0["url"]?.string }.sorted() == nodes.map(\.url).sorted())
                #expect(members.allSatisfy { $0["sessions"] == nil })
                let console = try await RawConsole.open(at: nodes[0], user: "second")
                #expect(console.selfID == nodes[0].id.text)
                try await console.wait(for: "both nodes") { $0.nodes.count == 2 }
                #expect(nodes.allSatisfy { console.state(of: $0.id) == "active" }, "nobody was drained")
                let found = try await nodes[0].get("/api/cluster/documents?search=for%20EVERY&user=ops")
                #expect(found.body["items"]?.array?.compactMap { $0["id"]?.string } == [document.description])
                await console.close()
            }
        }

        @Test("a node is drained, which the feed tells with each handoff, and taken back, and has documents again")
        func drainAndUndo() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let nodes = await cluster.nodes
                let documents = try await Self.open(9, cluster)
                let console = try await RawConsole.open(at: nodes[0])
                try await console.wait(for: "all documents") { console in
                    documents.allSatisfy { console.owner(of: $0.id) != nil }
                }
                // Placement is by chance: the one with the most certainly has some.
                let counts = Dictionary(grouping: documents.compactMap { console.owner(of: $0.id) }) { $0 }
                let busiest = try #require(counts.max { $0.value.count < $1.value.count }?.key)
                let drained = try #require(nodes.first { $0.id.text == busiest }).id
                let moving = documents.filter { console.owner(of: $0.id) == busiest }
                let asked = try #require(nodes.first { $0.id != drained })
                let answer = try await asked.post("/api/cluster/nodes/\(drained)/drain?user=ops", "")
                #expect(answer.status == 202)
                try await console.wait(for: "the drain") { console in
                    console.state(of: drained) == "draining" && console.nodes[busiest]?["documents"]?.int == 0
                        && moving.allSatisfy { ![nil, busiest].contains(console.owner(of: $0.id)) }
                }
                try await console.wait(for: "the handoffs") { console in
                    moving.allSatisfy { !console.moves(of: $0.id).isEmpty }
                }
                for each in moving {
                    let move = try #require(console.moves(of: each.id).first)
                    #expect(move["cause"]?.string == "handoff" && move["from"]?.string == busiest)
                    #expect(move["epoch"]?.int == 2)
                }
                let undo = try await asked.delete("/api/cluster/nodes/\(drained)/drain?user=ops")
                #expect(undo.status == 200 && undo.body["state"]?.string == "active")
                try await console.wait(for: "the documents that belong there to come back") { console in
                    console.state(of: drained) == "active"
                        && moving.allSatisfy { console.owner(of: $0.id) == busiest }
                }
                #expect(moving.allSatisfy { console.moves(of: $0.id).count == 2 })
                for each in documents { try await each.type() }
                await Self.close(documents, console)
            }
        }

        @Test("a node is killed: the feed tells that it is gone, each failover and its gap; timelines name the cause")
        func killed() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let documents = try await Self.open(9, cluster)
                let first = await cluster.nodes[0]
                let lost = try #require(
                    try await cluster.owners(of: documents.map(\.id)).first { $0.value != first.id }?.value)
                let console = try await RawConsole.open(at: first)
                try await console.wait(for: "all documents") { console in
                    documents.allSatisfy { console.owner(of: $0.id) != nil }
                }
                let orphans = documents.filter { console.owner(of: $0.id) == lost.text }
                try #require(!orphans.isEmpty)
                try await cluster.send(.kill, to: lost)
                try await console.wait(for: "the node to be gone and its documents elsewhere") { console in
                    console.state(of: lost) == "gone"
                        && orphans.allSatisfy { ![nil, lost.text].contains(console.owner(of: $0.id)) }
                }
                try await console.wait(for: "the gaps of the failovers") { console in
                    orphans.allSatisfy { console.moves(of: $0.id).last?["gapMicroseconds"]?.int ?? 0 > 0 }
                }
                for each in orphans {
                    let move = try #require(console.moves(of: each.id).last)
                    #expect(
                        ["refused", "expired"].contains(move["cause"]?.string) && move["from"]?.string == lost.text)
                    #expect(move["to"]?.string == console.owner(of: each.id))
                }
                let orphan = try #require(orphans.first)
                let timeline = try await first.get("/api/cluster/documents/\(orphan.id)/timeline?user=ops")
                #expect(timeline.body["version"]?.int == 1)
                let epochs = try #require(timeline.body["epochs"]?.array)
                #expect(epochs.map { $0["epoch"]?.int } == [2, 1])
                #expect(
                    epochs[0]["from"]?.string == lost.text && epochs[0]["owner"]?.string == console.owner(of: orphan.id)
                )
                // The dead node has taken its memory with it; the successor knows from whom it took the document.
                #expect(epochs[1]["owner"]?.string == lost.text)
                #expect(epochs[1]["firstVersion"]?.int == 1 && epochs[1]["lastVersion"]?.int == 1)

                try await cluster.send(.kill, to: first.id)
                try await console.ended()
                let last = try #require(await cluster.nodes.first { ![first.id, lost].contains($0.id) })
                let other = try await RawConsole.open(at: last)
                try await other.wait(for: "the last node to own everything") { console in
                    console.state(of: last.id) == "active" && console.nodes.count <= 2
                        && documents.allSatisfy { console.owner(of: $0.id) == last.id.text }
                }
                await Self.close(documents, other)
            }
        }

        // MARK: Documents

        /// A document with sessions on two nodes, one of which has written something.
        private struct OpenDocument {
            var id: DocumentID
            var editors: [Editor]

            func type() async throws { try await editors[0].typeAndSave() }
        }

        /// Creates documents and opens them, spread over the nodes.
        private static func open(_ count: Int, _ cluster: LocalCluster) async throws -> [OpenDocument] {
            let nodes = await cluster.nodes
            var documents: [OpenDocument] = []
            for number in 0..<count {
                let id = try await cluster.createDocument(title: "Watched \(number)")
                let turn = number % nodes.count
                let order = Array(nodes[turn...] + nodes[..<turn])
                let document = OpenDocument(id: id, editors: try await Editor.open(2, id, at: order))
                try await document.type()
                documents.append(document)
            }
            return documents
        }

        private static func close(_ documents: [OpenDocument], _ console: RawConsole) async {
            await documents.flatMap(\.editors).close()
            await console.close()
        }
    }
}

extension LocalCluster {
    /// Who owns documents now.
    fileprivate func owners(of documents: [DocumentID]) async throws -> [DocumentID: NodeID] {
        var owners: [DocumentID: NodeID] = [:]
        for document in documents { owners[document] = try await owner(of: document) }
        return owners
    }
}
