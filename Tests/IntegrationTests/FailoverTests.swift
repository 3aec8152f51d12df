import CollabClient
import CollabModel
import Delta
import LocalCluster
import NIOCore
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("An owner goes", .timeLimit(.minutes(3)))
    struct FailoverTests {
        @Test("G1 to G7: an owner is killed while 50 editors type, and nothing is lost, doubled or different")
        func killed() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Fifty")
                let editors = try await Editor.open(50, document, at: await cluster.nodes)
                let owner = try await cluster.owner(of: document)
                var start = NIODeadline.now()
                try await editors.typing(every: .milliseconds(500)) {
                    try await elapse(.seconds(2))
                    start = .now()
                    try await cluster.send(.kill, to: owner)
                    try await elapse(.seconds(4))
                }
                try await editors.save()
                let log = try await editors.checkConvergence(document, on: cluster)
                #expect(try await cluster.owner(of: document) != owner)
                #expect(log.rows.last?.epoch == Epoch(2))
                // Only the time of the load: after it nobody has anything to be acknowledged.
                let gap = AckGap(of: editors, since: start)
                print("owner killed under 50 editors: gap \(gap)")
                #expect(gap.milliseconds < 3_000)
                let kept = editors.filter { $0.record.now.disconnections.isEmpty }
                #expect(kept.count >= 33, "clients of the surviving nodes keep their connection")
                #expect(editors.allSatisfy { $0.record.now.refusals.isEmpty })
                try await log.checkNodes(await cluster.nodes(except: owner))
                await editors.close()
            }
        }

        @Test("G3: an operation is sent again after its owner was killed, and one is sent while there is none")
        func resendAfterFailover() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Resent")
                let first = await cluster.nodes[0]
                let (opener, _) = try await RawSession.open(document, at: first, query: "user=opener")
                let owner = try await cluster.owner(of: document)
                let gateways = await cluster.nodes(except: owner)
                let (session, opening) = try await RawSession.open(document, at: gateways[0])
                try await session.submit("a", at: opening.version, #"[{"insert":"a\n"}]"#)
                let a = try await session.ack(of: "a")

                try await cluster.send(.kill, to: owner)
                try await session.submit("b", at: a.version, #"[{"insert":"b\n"}]"#)
                let b = try await session.ack(of: "b", within: .seconds(20))
                #expect(b.version == a.version.next)
                try await session.submit("a", at: opening.version, #"[{"insert":"a\n"}]"#)
                #expect(try await session.ack(of: "a") == a)
                try await session.submit("b", at: a.version, #"[{"insert":"b\n"}]"#)
                #expect(try await session.ack(of: "b") == b)
                await session.abort()

                let (again, catchUp) = try await RawSession.resume(
                    document, at: gateways[1], as: opening.clientID, from: opening.version)
                #expect(catchUp.operations.map(\.operationID?.text) == ["a", "b"])
                try await again.submit("a", at: opening.version, #"[{"insert":"a\n"}]"#)
                #expect(try await again.ack(of: "a") == a)
                let log = try await DocumentLog.read(document, of: cluster)
                log.check([
                    .init(client: opening.clientID, operationID: "a", version: a.version),
                    .init(client: opening.clientID, operationID: "b", version: b.version),
                ])
                #expect(log.rows.count == 2)
                await again.abort()
                await opener.abort()
            }
        }

        @Test("G5: an owner that stood still for 10 s comes back as a zombie and appends nothing")
        func zombie() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Zombie")
                var options = SessionOptions()
                options.silenceMilliseconds = 3_000
                options.pingMilliseconds = 1_000
                options.openMilliseconds = 1_500
                let editors = try await Editor.open(9, document, at: await cluster.nodes, options: options)
                let owner = try await cluster.owner(of: document)
                var start = NIODeadline.now()
                var taken = Version.initial
                try await editors.typing(every: .milliseconds(60)) {
                    try await elapse(.seconds(1))
                    start = .now()
                    try await cluster.send(.stop, to: owner)
                    try await elapse(.seconds(10))
                    taken = try await DocumentLog.read(document, of: cluster).head
                    try await cluster.send(.resume, to: owner)
                    try await elapse(.seconds(3))
                }
                try await editors.save()
                let gap = AckGap(of: editors, since: start)
                print("owner stopped: gap \(gap)")
                #expect(gap.milliseconds < 6_000)
                let log = try await editors.checkConvergence(document, on: cluster)
                let successor = try #require(log.rows.first { $0.version == taken }?.epoch)
                #expect(successor > Epoch(1), "nobody took over within 10 s")
                #expect(log.rows.filter { $0.version > taken }.allSatisfy { $0.epoch >= successor })
                // The zombie serves again, and may by now have been given its document back, under a later epoch.
                try await log.checkNodes(await cluster.nodes)
                await editors.close()
            }
        }

        @Test("G5: an owner is stopped in the middle of an append, and a successor does not wait for its lock")
        func stoppedInAppend() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Held")
                let (first, opening) = try await RawSession.open(document, at: await cluster.nodes[0])
                try await first.submit("a", at: opening.version, #"[{"insert":"first\n"}]"#)
                _ = try await first.ack(of: "a")
                await first.abort()
                let owner = try await cluster.owner(of: document)
                let gateways = await cluster.nodes(except: owner)
                let editors = try await Editor.open(4, document, at: gateways)
                try await cluster.holdAppends(of: document, throughEpoch: Epoch(1))
                for editor in editors { try await editor.type() }
                try await cluster.appendIsHeld()
                try await cluster.send(.stop, to: owner)
                try await editors.save(within: .seconds(30))
                for editor in editors { try await editor.typeAndSave() }
                let before = try await DocumentLog.read(document, of: cluster)
                #expect(before.rows.last?.epoch == Epoch(2))
                try await cluster.releaseAppends()
                try await cluster.send(.resume, to: owner)
                try await eventually("the former owner has found out") {
                    guard let node = await cluster.node(owner) else { return false }
                    return try await node.content(of: document)?.version == before.head
                }
                for editor in editors { try await editor.typeAndSave() }
                let log = try await editors.checkConvergence(document, on: cluster)
                #expect(log.rows.filter { $0.version > before.head }.allSatisfy { $0.epoch >= Epoch(2) })
                await editors.close()
            }
        }

        @Test("a node that is drained hands its documents over, and no client sees an error")
        func drained() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Drained")
                let editors = try await Editor.open(9, document, at: await cluster.nodes)
                let owner = try await cluster.owner(of: document)
                var start = NIODeadline.now()
                try await editors.typing(every: .milliseconds(60)) {
                    try await elapse(.seconds(1))
                    start = .now()
                    try await cluster.drain(owner)
                    let status = await cluster.status().nodes.first { $0.id == owner.text }
                    #expect(status?.state == .draining && status?.documents == 0)
                    try await elapse(.seconds(1))
                }
                try await editors.save()
                print("owner drained: gap \(AckGap(of: editors, since: start))")
                let log = try await editors.checkConvergence(document, on: cluster)
                #expect(log.rows.last?.epoch == Epoch(2))
                for editor in editors {
                    let record = editor.record.now
                    #expect(record.errors.isEmpty && record.refusals.isEmpty, "\(editor.name): \(record.errors)")
                }
                await editors.close()
            }
        }

        @Test("SIGTERM of the owner: documents are handed over, sessions move on with 1001, and the process ends")
        func terminated() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let document = try await cluster.createDocument(title: "Terminated")
                let editors = try await Editor.open(9, document, at: await cluster.nodes)
                let owner = try await cluster.owner(of: document)
                let process = try #require(try await cluster.process(of: owner))
                try await editors.typing(every: .milliseconds(60)) {
                    try await elapse(.seconds(1))
                    try await cluster.send(.terminate, to: owner)
                    #expect(await process.waitForExit(within: .seconds(30)), "the node has not ended")
                    try await elapse(.milliseconds(500))
                }
                try await editors.save()
                let log = try await editors.checkConvergence(document, on: cluster)
                #expect(log.rows.last?.epoch == Epoch(2))
                for editor in editors {
                    let record = editor.record.now
                    #expect(record.errors.isEmpty && record.refusals.isEmpty, "\(editor.name): \(record.errors)")
                    #expect(record.disconnections.allSatisfy { $0.contains(" 1001 ") }, "\(record.disconnections)")
                }
                try await cluster.start(owner)
                try await log.checkNodes(await cluster.nodes)
                await editors.close()
            }
        }

        @Test("SIGTERM in the middle of an operator's drain: everything is handed over all the same")
        func terminatedWhileDrained() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let nodes = await cluster.nodes
                var editors: [Editor] = []
                for number in 0..<60 {
                    let document = try await cluster.createDocument(title: "Drained \(number)")
                    editors.append(
                        try await Editor.open(
                            document, at: nodes[number % 2], others: [nodes[1 - number % 2]], name: "e\(number)"))
                }
                for editor in editors { try await editor.typeAndSave() }
                let leaving = nodes[2]
                #expect(try await leaving.metric("collab_owned_documents") > 0)
                let process = try #require(try await cluster.process(of: leaving.id))
                #expect(try await nodes[0].post("/api/cluster/nodes/\(leaving.id)/drain", "").status < 300)
                try await cluster.send(.terminate, to: leaving.id)
                #expect(await process.waitForExit(within: .seconds(30)), "the node has not ended")
                for editor in editors { try await editor.typeAndSave() }
                for node in nodes.prefix(2) {
                    #expect(try await node.metric("collab_failovers_total") == 0, "\(node.id) had to take over")
                }
                await editors.close()
            }
        }

        @Test("the last node is not drained, and says so at once")
        func lastOne() async throws {
            try await withLocalCluster(nodes: 1) { cluster in
                let node = try #require(await cluster.nodes.first)
                let error = await #expect(throws: LocalClusterError.self) { try await cluster.drain(node.id) }
                #expect(error?.code == "drain_refused")
            }
        }

        @Test("a node that is started a second time under one id ends with an error, and the first goes on")
        func startedTwice() async throws {
            try await withLocalCluster(nodes: 2) { cluster in
                let nodes = await cluster.nodes
                let document = try await cluster.createDocument(title: "Twin")
                let editor = try await Editor.open(document, at: nodes[0], name: "e0")
                let other = try await Editor.open(document, at: nodes[1], name: "e1")
                try await editor.typeAndSave()
                let epoch = try await DocumentLog.read(document, of: cluster).epoch
                let ports = try PortBlock()
                let twin = Program(
                    ClusterPlan().executable,
                    [
                        "node", "--id", nodes[0].id.text, "--port", String(ports[0]), "--peer-port", String(ports[1]),
                        "--postgres", cluster.postgres.url, "--redis", cluster.redis.url, "--cluster", "local",
                    ])
                do {
                    let output = try await twin.run(timeout: .seconds(20))
                    Issue.record("the second process ended with success: \(output)")
                } catch let error as LocalClusterError {
                    #expect(error.code == "command_failed")
                    #expect(!error.message.contains("did not end"), "\(error.message)")
                    #expect(error.message.contains("runs under this node's id"), "\(error.message)")
                }
                for _ in 0..<5 {
                    try await editor.typeAndSave()
                    try await other.typeAndSave()
                }
                let log = try await [editor, other].checkConvergence(document, on: cluster)
                #expect(log.epoch == epoch, "the first process has lost its document to the second")
                for each in [editor, other] { #expect(each.record.now.disconnections.isEmpty) }
                await [editor, other].close()
                withExtendedLifetime(ports) {}
            }
        }
    }
}
