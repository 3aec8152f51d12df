import CollabClient
import CollabModel
import Delta
import LocalCluster
import NIOCore
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("Exactly once", .sharedCluster, .timeLimit(.minutes(2)))
    struct ExactlyOnceTests {
        private let insert = #"[{"insert":"once\n"}]"#

        @Test("G3: an operation that is sent again before its ack is applied once and acknowledged once or alike")
        func beforeAck() async throws {
            let cluster = try SharedCluster.current
            let document = try await cluster.createDocument(title: "Twice")
            let (session, opening) = try await RawSession.open(document, at: await cluster.nodes[0])
            let frame = RawFrame.encode(
                opcode: 1, Array(RawSession.operation("a", at: opening.version, insert).utf8))
            try await session.write(frame + frame + frame)
            let first = try await session.ack(of: "a")
            try await session.ping()
            #expect(first.version == opening.version.next)
            let log = try await DocumentLog.read(document, of: cluster)
            log.check([.init(client: opening.clientID, operationID: "a", version: first.version)])
            #expect(log.rows.count == 1)
            await session.abort()
        }

        @Test("G3: an operation that is sent again after its ack has the version and digest of the first")
        func afterAck() async throws {
            let cluster = try SharedCluster.current
            let document = try await cluster.createDocument(title: "Again")
            let (session, opening) = try await RawSession.open(document, at: await cluster.nodes[1])
            try await session.submit("a", at: opening.version, insert)
            let first = try await session.ack(of: "a")
            try await session.submit("b", at: first.version, insert)
            let second = try await session.ack(of: "b")
            for _ in 0..<3 {
                try await session.submit("b", at: first.version, insert)
                #expect(try await session.ack(of: "b") == second)
            }
            try await session.submit("a", at: opening.version, insert)
            #expect(try await session.ack(of: "a") == first)
            let log = try await DocumentLog.read(document, of: cluster)
            log.check()
            #expect(log.rows.count == 2)
            await session.abort()
        }

        @Test("G3: an operation whose ack was lost is sent again to another node and has its first version")
        func toAnotherNode() async throws {
            let cluster = try SharedCluster.current
            let nodes = await cluster.nodes
            let document = try await cluster.createDocument(title: "Elsewhere")
            let (session, opening) = try await RawSession.open(document, at: nodes[0])
            try await session.submit("a", at: opening.version, insert)
            let (version, digest) = try await session.ack(of: "a")
            await session.abort()
            for node in [nodes[1], nodes[2], nodes[0]] {
                let (again, catchUp) = try await RawSession.resume(
                    document, at: node, as: opening.clientID, from: opening.version)
                #expect(catchUp.operations.map(\.operationID?.text) == ["a"])
                #expect(catchUp.operations.map(\.version) == [version])
                try await again.submit("a", at: opening.version, insert)
                let told = try await again.ack(of: "a")
                #expect(told.version == version && told.digest == digest)
                await again.abort()
            }
            let log = try await DocumentLog.read(document, of: cluster)
            log.check([.init(client: opening.clientID, operationID: "a", version: version)])
            #expect(log.rows.count == 1)
        }

        @Test("the second connection of a client replaces the first, which is closed with 4408")
        func replaced() async throws {
            let cluster = try SharedCluster.current
            let nodes = await cluster.nodes
            let document = try await cluster.createDocument(title: "One client")
            let (first, opening) = try await RawSession.open(document, at: nodes[0])
            let (second, _) = try await RawSession.resume(
                document, at: nodes[1], as: opening.clientID, from: opening.version)
            #expect(try await first.closeCode() == CloseCode.replaced.rawValue)
            try await second.submit("a", at: opening.version, insert)
            #expect(try await second.ack(of: "a").version == opening.version.next)
            let (third, _) = try await RawSession.resume(
                document, at: nodes[1], as: opening.clientID, from: opening.version)
            #expect(try await second.closeCode() == CloseCode.replaced.rawValue)
            await third.abort()
        }

        @Test("G9: a client id of another user, of another document, or made up is refused with 4403")
        func anothersClientID() async throws {
            let cluster = try SharedCluster.current
            let nodes = await cluster.nodes
            let document = try await cluster.createDocument(title: "Mine")
            let other = try await cluster.createDocument(title: "Another")
            let (session, opening) = try await RawSession.open(document, at: nodes[0])
            let attempts = [
                (document, "user=thief&clientId=\(opening.clientID)&version=0"),
                (other, "user=raw&clientId=\(opening.clientID)"),
                (document, "user=raw&clientId=6f1b7c1e-9d2a-4c3b-8e4f-0a1b2c3d4e5f"),
            ]
            for (document, query) in attempts {
                let thief = try await RawSession.connect(to: nodes[1], document.description, query: query)
                #expect(try await thief.closeCode() == CloseCode.forbidden.rawValue, "\(query)")
            }
            try await session.ping()
            await session.abort()
        }

        @Test("G3: a stalled copy that arrives after its client has gone on is answered from the log, never applied")
        func stalledCopy() async throws {
            let cluster = try SharedCluster.current
            let nodes = await cluster.nodes
            let document = try await cluster.createDocument(title: "Stalled")
            let witness = try await Editor.open(document, at: nodes[0], name: "e0")
            try await witness.typeAndSave()
            let owner = try await cluster.owner(of: document)
            let gateways = await cluster.nodes(except: owner)
            let (stalled, opening) = try await RawSession.open(document, at: gateways[0])

            // The gateway stands still with two operations in its socket: one that the client will send again
            // elsewhere, and one that it never will.
            try await cluster.send(.stop, to: gateways[0].id)
            try await stalled.submit("a", at: opening.version, #"[{"insert":"a\n"}]"#)
            try await stalled.submit("never", at: opening.version, #"[{"insert":"never\n"}]"#)
            let (moved, _) = try await RawSession.resume(
                document, at: gateways[1], as: opening.clientID, from: opening.version)
            try await moved.submit("a", at: opening.version, #"[{"insert":"a\n"}]"#)
            let first = try await moved.ack(of: "a")
            try await moved.submit("b", at: first.version, #"[{"insert":"b\n"}]"#)
            let second = try await moved.ack(of: "b")

            try await cluster.send(.resume, to: gateways[0].id)
            let code = try await stalled.closeCode(within: .seconds(30))
            #expect(code == CloseCode.replaced.rawValue)
            try await moved.submit("c", at: second.version, #"[{"insert":"c\n"}]"#)
            let third = try await moved.ack(of: "c")
            try await witness.typeAndSave()

            let log = try await DocumentLog.read(document, of: cluster)
            log.check(
                zip(["a", "b", "c"], [first, second, third]).map {
                    .init(client: opening.clientID, operationID: $0, version: $1.version)
                })
            #expect(log.version(of: "never", by: opening.clientID) == nil)
            #expect(log.rows.count == 5)
            try await log.checkNodes(nodes)
            await moved.abort()
            await witness.session.close()
        }
    }
}
