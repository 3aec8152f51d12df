import CollabModel
import Foundation
import LocalCluster
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("The logs of a node", .timeLimit(.minutes(2)))
    struct LogTests {
        /// Neither may ever be logged.
        private let token = "t0ken-of-ann"
        private let text = "a most secret sentence"

        @Test("the level is changed while the node runs; sessions and operations are logged without text and tokens")
        func levelsAndFields() async throws {
            try await withLocalCluster(nodes: 1) { cluster in
                let node = try #require(await cluster.nodes.first)
                let document = try await cluster.createDocument(title: "Logged")
                #expect(try await node.put("/api/node/log-level?user=op", #"{"level":"warning"}"#).status == 200)
                let (quiet, _) = try await RawSession.open(document, at: node, query: "user=quiet")
                await quiet.abort()
                #expect(try await node.put("/api/node/log-level?user=op", #"{"level":"trace"}"#).status == 200)

                let (session, opening) = try await RawSession.open(document, at: node, query: "user=ann&token=\(token)")
                try await session.submit("one", at: opening.version, #"[{"insert":"\#(text)"}]"#)
                let ack = try await session.ack(of: "one")
                try await session.submit("two", at: ack.version, #"[{"delete":1000}]"#)
                _ = try await session.error()
                await session.abort()

                try await eventually("all is logged") {
                    try lines(node.log).contains {
                        $0["event"] as? String == "ws_disconnect" && $0["user_id"] as? String == "ann"
                    }
                }
                let all = try lines(node.log)
                func event(_ name: String) throws -> [String: Any] {
                    try #require(all.first { $0["event"] as? String == name }, "no \(name)")
                }
                // The first session came before its event was logged.
                let connect = try event("ws_connect")
                #expect(connect["user_id"] as? String == "ann")
                #expect(connect["document_id"] as? String == document.description)
                #expect(connect["client_id"] as? String == opening.clientID.description)
                let disconnect = try #require(
                    all.last { $0["event"] as? String == "ws_disconnect" && $0["user_id"] as? String == "ann" })
                #expect(disconnect["client_id"] as? String == opening.clientID.description)
                #expect(disconnect["duration_ms"] is Int)
                let applied = try event("operation_applied")
                #expect(applied["document_id"] as? String == document.description)
                #expect(applied["client_id"] as? String == opening.clientID.description)
                #expect(applied["operation_type"] as? String == "insert")
                #expect((applied["operation_size"] as? Int ?? 0) > text.utf8.count)
                #expect(applied["base_version"] as? Int == Int(opening.version.value))
                #expect(applied["result_version"] as? Int == Int(ack.version.value))
                #expect(applied["transform_count"] as? Int == 0)
                #expect((applied["latency_ms"] as? Double ?? 0) > 0)
                for line in all where line["event"] as? String != nil {
                    #expect(line["server_id"] as? String == node.id.text)
                    #expect(
                        line["service"] as? String == "collab" && line["version"] is String && line["time"] is String)
                }
                let log = try String(contentsOfFile: node.log, encoding: .utf8)
                #expect(!log.contains(token) && !log.contains(text))
            }
        }

        @Test("a node reads its level again at SIGHUP, and goes on with the old one when the settings cannot be read")
        func hangup() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let (settings, log) = ("\(folder)/settings.json", "\(folder)/log")
            func write(_ text: String) throws { try text.write(toFile: settings, atomically: true, encoding: .utf8) }
            try write(#"{"collab":{"log-level":"info"}}"#)
            // It waits for a PostgreSQL that never comes, and listens to signals meanwhile.
            let block = try PortBlock()
            let process = try Program(
                ClusterPlan().executable,
                [
                    "node", "--config", settings, "--port", "\(block[0])", "--peer-port", "\(block[1])", "--redis",
                    "redis://127.0.0.1:\(block[2])", "--postgres", "postgresql://collab@127.0.0.1:\(block[3])/collab",
                ]
            ).start(log: log)
            func events(_ name: String) throws -> [[String: Any]] {
                try lines(log).filter { $0["event"] as? String == name }
            }
            let result: Result<Void, any Error>
            do {
                try await eventually("the node starts") { try events("node_starting").count == 1 }
                for (text, event, level) in [
                    (#"{"collab":{"log-level":"debug"}}"#, "log_level_set", "debug"), ("{", "settings_unreadable", nil),
                    (#"{"collab":{"log-level":"critical"}}"#, "log_level_set", "critical"),
                ] as [(String, String, String?)] {
                    let before = try events(event).count
                    try write(text)
                    try process.send(.hangup)
                    try await eventually("the settings were read again") { try events(event).count == before + 1 }
                    #expect(try events(event).last?["log_level"] as? String == level)
                }
                let unreadable = try #require(try events("settings_unreadable").last)
                #expect(unreadable["error_type"] != nil && unreadable["error_message"] != nil)
                #expect(unreadable["context"] as? String == "collab run()")
                let calls = try #require(unreadable["stack"] as? String).split(separator: "\n")
                #expect(
                    calls.first?.contains("LogLevelService.run() (collab/LogLevelService.swift:") == true, "\(calls)")
                #expect(try events("log_level_set").map { $0["before"] as? String } == ["info", "debug"])
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try process.send(.kill)
            _ = await process.waitForExit(within: .seconds(5))
            withExtendedLifetime(block) {}
            try result.get()
        }

        /// What the node has logged, each line as an object; a line that is none is a failure.
        private func lines(_ log: String) throws -> [[String: Any]] {
            try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map { line in
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object, "no JSON: \(line)")
            }
        }
    }
}
