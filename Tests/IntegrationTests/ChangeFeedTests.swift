import AMQPClient
import CollabClient
import CollabModel
import Delta
import Foundation
import LocalCluster
import NIOPosix
import Testing

extension IntegrationTests {
    /// Guarantees, "RabbitMQ gone".
    @Suite("The change feed")
    struct ChangeFeedTests {
        @Test("editing goes on while RabbitMQ is gone; what is published later, also by others, is all of it, in order")
        func brokerGone() async throws {
            try await withLocalCluster(nodes: 3, services: [.postgres, .redis, .rabbitMQ]) { cluster in
                let document = try await cluster.createDocument(title: "Published")
                let session = try await CollabSession.open(
                    document: document, at: await cluster.nodes.map(\.url), on: MultiThreadedEventLoopGroup.singleton)
                try await type(10, in: session)
                var feed = try await Feed(cluster, document)
                try await feed.read(through: 10)

                try await cluster.rabbitMQ.kill()
                await feed.close()
                try await type(10, in: session)
                let owner = try await cluster.owner(of: document)
                try await cluster.send(.kill, to: owner)
                try await type(10, in: session)
                try await cluster.rabbitMQ.start()
                feed = try await Feed(cluster, document, seen: 10)
                try await feed.read(through: 30)

                try await cluster.rabbitMQ.pause()
                try await type(10, in: session)
                try await cluster.rabbitMQ.resume()
                try await feed.read(through: 40)
                #expect(try await DocumentLog.read(document, of: cluster).rows.count == 40)
                await feed.close()
                await session.close()
            }
        }

        @Test("a node that ends in order has published what it appended")
        func drained() async throws {
            try await withLocalCluster(nodes: 2, services: [.postgres, .redis, .rabbitMQ]) { cluster in
                let document = try await cluster.createDocument(title: "Left")
                let session = try await CollabSession.open(
                    document: document, at: await cluster.nodes.map(\.url), on: MultiThreadedEventLoopGroup.singleton)
                try await type(5, in: session)
                await session.close()
                for node in await cluster.nodes {
                    let process = try #require(try await cluster.process(of: node.id))
                    try process.send(.terminate)
                    #expect(await process.waitForExit(within: .seconds(35)))
                }
                let published = try await cluster.postgres.query("SELECT published FROM change_positions")
                #expect(published == "5")
                let feed = try await Feed(cluster, document)
                try await feed.read(through: 5)
                await feed.close()
            }
        }

        @Test("the command prints the changes and takes them from the queue, and says what is wrong")
        func command() async throws {
            try await withLocalCluster(nodes: 1, services: [.postgres, .redis, .rabbitMQ]) { cluster in
                let document = try await cluster.createDocument(title: "Printed")
                let session = try await CollabSession.open(
                    document: document, at: await cluster.nodes.map(\.url), on: MultiThreadedEventLoopGroup.singleton)
                try await type(3, in: session)
                let url = cluster.rabbitMQ.url
                let printed = try await collab(["feed", "--url", url, "--limit", "2"])
                let versions = try printed.split(separator: "\n").map { line in
                    try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["version"]
                        as? Int
                }
                #expect(versions == [1, 2])
                let rest = try await collab(["feed", "--url", url, "--limit", "1"])
                #expect(rest.contains(#""version":3"#))
                let missing = try await collab(["feed", "--url", url, "--queue", "nobodys"], status: 1)
                #expect(missing.contains("there is no queue nobodys"), "\(missing)")
                await session.close()
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

    /// A consumer of the cluster's queue that passes over what it has seen.
    private final class Feed {
        private let connection: AMQPConnection
        private let document: DocumentID
        private var seen: Int

        struct Message: Decodable {
            let documentId: String
            let version: Int
        }

        init(_ cluster: LocalCluster, _ document: DocumentID, seen: Int = 0) async throws {
            self.document = document
            self.seen = seen
            connection = try await AMQPConnection.connect(to: AMQPURL(parsing: cluster.rabbitMQ.url))
            try await connection.consume(ClusterPlan.feedQueue)
        }

        /// Returns once it has seen every version up to one; a version that is left out is a failure.
        func read(through version: Int) async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while seen < version {
                try #require(ContinuousClock.now < deadline, "version \(version) has not come, only \(seen)")
                guard let delivery = try await connection.next(timeout: .milliseconds(500)) else { continue }
                let message = try JSONDecoder().decode(Message.self, from: Data(delivery.body))
                #expect(message.documentId == document.description)
                #expect(delivery.messageID == "\(document)-\(message.version)")
                if message.version > seen {
                    #expect(message.version == seen + 1)
                    seen = message.version
                }
                try await connection.acknowledge(delivery.tag)
            }
        }

        func close() async { await connection.close() }
    }
}
