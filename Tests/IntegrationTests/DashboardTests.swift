import CollabClient
import CollabModel
import Delta
import LocalCluster
import NIOPosix
import Testing

extension IntegrationTests {
    @Suite("The dashboards")
    struct DashboardTests {
        @Test(
            "every query finds data on a cluster that is edited and loses the owner of a document",
            .timeLimit(.minutes(3)))
        func everyQuery() async throws {
            let queries = try DashboardQueries.read()
            try await withLocalCluster(nodes: 3, services: [.postgres, .redis, .rabbitMQ, .prometheus]) { cluster in
                let document = try await cluster.createDocument(title: "Watched")
                let session = try await CollabSession.open(
                    document: document, at: await cluster.nodes.map(\.url), on: MultiThreadedEventLoopGroup.singleton)
                try await type(20, in: session)
                _ = try await cluster.prometheus.answer(to: "sum(collab_operations_total{status=\"success\"}) > 0")

                try await cluster.send(.kill, to: try await cluster.owner(of: document))
                try await type(20, in: session)
                _ = try await cluster.prometheus.answer(to: "sum(collab_failovers_total) > 0")
                _ = try await cluster.prometheus.answer(to: "sum(up) == 2")

                for query in queries {
                    if query.mayBeEmpty {
                        await #expect(throws: Never.self, "\(query)") {
                            try await cluster.prometheus.query(query.expression)
                        }
                    } else {
                        await #expect(throws: Never.self, "\(query)") {
                            try await cluster.prometheus.answer(to: query.expression)
                        }
                    }
                }
                await session.close()
            }
        }

        @Test("a document with sessions on every node is one active document, at its owner", .timeLimit(.minutes(1)))
        func activeDocuments() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Counted")
                let nodes = await cluster.nodes
                func sum(_ name: String) async throws -> Double {
                    var sum = 0.0
                    for node in nodes { sum += try await node.metric(name) }
                    return sum
                }
                var sessions: [RawSession] = []
                for node in nodes { sessions.append(try await RawSession.open(document, at: node).0) }
                try await eventually("the owner knows of all three") {
                    try await sum("collab_document_sessions") == 3
                }
                #expect(try await sum("collab_active_documents") == 1)
                #expect(try await sum("collab_followed_documents") == 3)
                let owner = try #require(await cluster.node(try await cluster.owner(of: document)))
                #expect(try await owner.metric("collab_active_documents") == 1)
                for session in sessions { await session.abort() }
                try await eventually("nobody is left") { try await sum("collab_active_documents") == 0 }
            }
        }

        private func type(_ count: Int, in session: CollabSession) async throws {
            for _ in 0..<count {
                try await session.edit { content in
                    var change = Delta()
                    change.retain(content.length - 1)
                    change.insert("a")
                    return change
                }
                try await session.waitUntilSaved(within: .seconds(20))
            }
        }
    }
}
