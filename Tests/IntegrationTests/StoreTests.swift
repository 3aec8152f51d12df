import CollabClient
import CollabModel
import Delta
import JSON
import LocalCluster
import NIOCore
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("PostgreSQL fails", .timeLimit(.minutes(3)))
    struct PostgresFailureTests {
        @Test("a node that starts without PostgreSQL waits for it, says so, and then serves")
        func absentAtStart() async throws {
            try await withLocalCluster(nodes: 0) { cluster in
                try await cluster.postgres.kill()
                async let added = cluster.add()
                try await eventually("the node names what it misses") {
                    guard let node = await cluster.nodes.first, let ready = try? await node.get("/readyz") else {
                        return false
                    }
                    return ready.status == 503 && ready.body["dependencies"]?["postgres"]?["ready"]?.bool == false
                }
                let waiting = try #require(await cluster.nodes.first)
                #expect(try await waiting.get("/healthz").status == 200)
                #expect(try await waiting.post("/api/documents?user=ann", "{}").status == 503)
                try await cluster.postgres.start()
                let node = try await added
                let document = try await cluster.createDocument(title: "Late")
                let editor = try await Editor.open(document, at: node, name: "e0")
                try await editor.typeAndSave()
                try await [editor].checkConvergence(document, on: cluster)
                await editor.session.close()
            }
        }

        @Test(
            "G1, G2: PostgreSQL is killed while people type: degraded, nothing acknowledged, then everything in order")
        func killedWhileTyping() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Held")
                let nodes = await cluster.nodes
                let editors = try await Editor.open(6, document, at: nodes)
                let (witness, _) = try await RawSession.open(document, at: nodes[2], query: "user=witness")
                var told = 0
                try await editors.typing(every: .milliseconds(80)) {
                    try await elapse(.seconds(1))
                    try await cluster.postgres.kill()
                    try await witness.next("degraded", within: .seconds(15)) { frame in
                        if case .degraded = frame { () } else { nil }
                    }
                    told = editors.acknowledgements.count
                    try await elapse(.seconds(2))
                    #expect(editors.acknowledgements.count == told, "G1: acknowledged without a database")
                    for node in nodes { #expect(try await node.get("/healthz").status == 200) }
                    try await cluster.postgres.start()
                    try await witness.next("restored", within: .seconds(20)) { frame in
                        if case .restored = frame { () } else { nil }
                    }
                    try await elapse(.seconds(1))
                }
                try await editors.save()
                let log = try await editors.checkConvergence(document, on: cluster)
                #expect(log.rows.count > told)
                try await log.checkNodes(nodes)
                await witness.abort()
                await editors.close()
            }
        }

        @Test("G3: connections are ended with appends outstanding: an unknown outcome is found out, never guessed")
        func connectionsEnded() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Unknown")
                let editors = try await Editor.open(9, document, at: await cluster.nodes)
                // Once inside a statement, which is then rolled back, and then at whatever moment.
                try await cluster.holdAppends(of: document, throughEpoch: Epoch(1))
                for editor in editors { try await editor.type() }
                try await cluster.appendIsHeld()
                try await cluster.endConnections()
                try await cluster.releaseAppends()
                try await editors.save()
                try await editors.typing(every: .milliseconds(30)) {
                    for _ in 0..<15 {
                        try await cluster.endConnections()
                        try await elapse(.milliseconds(150))
                    }
                }
                try await editors.save()
                let log = try await editors.checkConvergence(document, on: cluster)
                try await log.checkNodes(await cluster.nodes)
                for editor in editors { #expect(editor.record.now.refusals.isEmpty) }
                await editors.close()
            }
        }

        @Test("G1, G8: the disk of the log is full: no ack, no loss, a clear state, and then it goes on")
        func diskFull() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Full")
                let nodes = await cluster.nodes
                let editors = try await Editor.open(6, document, at: nodes)
                for editor in editors { try await editor.typeAndSave() }
                let (witness, _) = try await RawSession.open(document, at: nodes[2], query: "user=witness")
                try await cluster.failAppends(as: "disk_full")
                let told = editors.acknowledgements.count
                try await editors.typing(every: .milliseconds(200)) {
                    try await witness.next("degraded") { if case .degraded = $0 { () } else { nil } }
                    try await elapse(.seconds(3))
                }
                #expect(editors.acknowledgements.count == told, "G1: acknowledged what could not be written")
                for editor in editors { #expect(await editor.session.state != .saved, "\(editor.name)") }
                for node in nodes { #expect(try await node.get("/healthz").status == 200) }
                #expect(try await DocumentLog.read(document, of: cluster).rows.count == told)
                try await cluster.letAppendsSucceed()
                try await witness.next("restored") { if case .restored = $0 { () } else { nil } }
                try await editors.save()
                for editor in editors { try await editor.typeAndSave() }
                let log = try await editors.checkConvergence(document, on: cluster)
                try await log.checkNodes(nodes)
                #expect(log.epoch == Epoch(1), "a full disk is no reason to change owners")
                for editor in editors { #expect(editor.record.now.refusals.isEmpty, "\(editor.record.now.refusals)") }
                await witness.abort()
                await editors.close()
            }
        }

        @Test("G1, G10: the log refuses one document's appends: it is tried again at leisure, and others edit on")
        func appendsRefused() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let nodes = await cluster.nodes
                let refused = try await cluster.createDocument(title: "Refused")
                let other = try await cluster.createDocument(title: "Other")
                let editors = try await Editor.open(6, refused, at: nodes)
                let neighbours = try await Editor.open(3, other, at: nodes)
                for editor in editors + neighbours { try await editor.typeAndSave() }
                try await cluster.failAppends(as: "check_violation", of: refused)
                let told = editors.acknowledgements.count
                try await editors.typing(every: .milliseconds(200)) {
                    try await neighbours.type(for: .seconds(4), every: .milliseconds(60), within: .seconds(5))
                }
                #expect(editors.acknowledgements.count == told, "G1: acknowledged what was refused")
                try await cluster.letAppendsSucceed()
                try await editors.save()
                for editor in editors { try await editor.typeAndSave() }
                let log = try await editors.checkConvergence(refused, on: cluster)
                #expect(log.epoch < Epoch(40), "the document was loaded again too often")
                try await log.checkNodes(nodes)
                try await neighbours.checkConvergence(other, on: cluster)
                for editor in editors + neighbours { #expect(editor.record.now.refusals.isEmpty) }
                for editor in neighbours { #expect(editor.record.now.errors.isEmpty) }
                await (editors + neighbours).close()
            }
        }
    }

    @Suite("Redis fails", .timeLimit(.minutes(3)))
    struct RedisFailureTests {
        @Test("nodes that start without Redis wait for it, say so, and then form a cluster")
        func absentAtStart() async throws {
            try await withLocalCluster(nodes: 0) { cluster in
                try await cluster.redis.kill()
                async let added = cluster.add()
                try await eventually("the node names what it misses") {
                    guard let node = await cluster.nodes.first, let ready = try? await node.get("/readyz") else {
                        return false
                    }
                    return ready.status == 503 && ready.body["dependencies"]?["redis"]?["ready"]?.bool == false
                }
                try await cluster.redis.start()
                let nodes = [try await added, try await cluster.add()]
                let document = try await cluster.createDocument(title: "Late")
                let editors = try await Editor.open(2, document, at: nodes)
                try await editors.type(for: .milliseconds(500), every: .milliseconds(50))
                try await editors.checkConvergence(document, on: cluster)
                await editors.close()
            }
        }

        @Test("G1 to G7: Redis is killed while people type, and started again: editing goes on throughout")
        func killedWhileTyping() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                try await Self.editThrough(cluster) {
                    try await cluster.redis.kill()
                    // Longer than a node lease lives: whoever trusted Redis alone would let go now.
                    try await elapse(.seconds(3))
                    try await Self.openNew(cluster, title: "Without Redis")
                    try await cluster.redis.start()
                    try await elapse(.seconds(3))
                    try await Self.openNew(cluster, title: "With a new Redis")
                }
            }
        }

        @Test("G1 to G7: Redis is restarted at once")
        func restarted() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                try await Self.editThrough(cluster) {
                    try await cluster.redis.kill()
                    try await cluster.redis.start()
                    try await Self.openNew(cluster, title: "At once")
                    try await elapse(.seconds(3))
                    try await Self.openNew(cluster, title: "After a lease's time")
                }
            }
        }

        @Test("G5: Redis is emptied while people type: it costs time, never an owner")
        func emptied() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                try await Self.editThrough(cluster) {
                    try await cluster.redis.flushAll()
                    try await Self.openNew(cluster, title: "At once")
                    try await elapse(.seconds(3))
                    try await Self.openNew(cluster, title: "After a lease's time")
                }
            }
        }

        @Test("G1 to G7: Redis stands still while people type")
        func paused() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                try await Self.editThrough(cluster) {
                    try await cluster.redis.pause()
                    try await elapse(.seconds(3))
                    try await Self.openNew(cluster, title: "Beside a silent Redis")
                    try await cluster.redis.resume()
                    try await elapse(.seconds(1))
                }
            }
        }

        /// Types while something happens to Redis; nobody may lose his connection or see an error, and the owner stays.
        private static func editThrough(_ cluster: LocalCluster, _ event: () async throws -> Void) async throws {
            let document = try await cluster.createDocument(title: "Open")
            let nodes = await cluster.nodes
            let editors = try await Editor.open(6, document, at: nodes)
            for editor in editors { try await editor.typeAndSave() }
            let owner = try await cluster.owner(of: document)
            let start = NIODeadline.now()
            try await editors.typing(every: .milliseconds(80)) { try await event() }
            try await editors.save()
            let gap = AckGap(of: editors, since: start)
            #expect(gap.milliseconds < 2_000, "editing has paused: \(gap)")
            let log = try await editors.checkConvergence(document, on: cluster)
            try await log.checkNodes(nodes)
            #expect(log.epoch == Epoch(1), "the document has changed its owner")
            #expect(try await cluster.owner(of: document) == owner)
            for editor in editors {
                let record = editor.record.now
                #expect(
                    record.disconnections.isEmpty && record.errors.isEmpty && record.refusals.isEmpty,
                    "\(editor.name): \(record.disconnections) \(record.errors)")
            }
            await editors.close()
        }

        /// Opens a document that nobody has open through one node, and finds it from the others.
        private static func openNew(_ cluster: LocalCluster, title: String) async throws {
            let document = try await cluster.createDocument(title: title)
            let nodes = await cluster.nodes
            var editors: [Editor] = []
            for (number, node) in nodes.enumerated() {
                let editor = try await Editor.open(document, at: node, name: "e\(number)")
                try await editor.typeAndSave()
                editors.append(editor)
            }
            try await editors.checkConvergence(document, on: cluster)
            await editors.close()
        }
    }
}
