import CollabModel
import LocalCluster
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("Traces over two nodes", .enabled(if: TraceReceiver.program != nil), .timeLimit(.minutes(2)))
    struct TracingTests {
        private let trace = "0af7651916cd43dd8448eb211c80319c"
        private let client = "b7ad6b7169203331"

        @Test("one trace shows an edit's whole way: gateway, owner, append, broadcast; a refused one its error")
        func wholeWay() async throws {
            try await TraceReceiver.run { receiver in
                let environment = [
                    "COLLAB_OTLP_ENDPOINT": receiver.url, "COLLAB_TRACE_RATIO": "0",
                    "COLLAB_TRACE_SLOW_MILLISECONDS": "0",
                ]
                try await withLocalCluster(nodes: 2, environment: environment) { cluster in
                    try await edit(cluster, receiver)
                }
            }
        }

        private func edit(_ cluster: LocalCluster, _ receiver: TraceReceiver) async throws {
            let document = try await cluster.createDocument(title: "Traced")
            let nodes = await cluster.nodes
            let (first, opening) = try await RawSession.open(document, at: nodes[0])
            let (second, _) = try await RawSession.open(document, at: nodes[1])
            let owner = try await cluster.owner(of: document)
            let gateway = try #require(nodes.first { $0.id != owner })
            let (author, reader) = gateway.id == nodes[0].id ? (first, second) : (second, first)
            try await author.send(
                #"{"type":"operation","operationId":"a","version":\#(opening.version),"#
                    + #""traceparent":"00-\#(trace)-\#(client)-01","operation":[{"insert":"traced"}]}"#)
            let ack = try await author.ack(of: "a")
            _ = try await reader.next("the operation") { frame -> Bool? in
                guard case .operations(let operations) = frame else { return nil }
                return operations.contains { $0.version == ack.version } ? true : nil
            }
            try await author.submit("untraced", at: ack.version, #"[{"insert":"x"}]"#)
            _ = try await author.ack(of: "untraced")
            try await author.submit("refused", at: ack.version, #"[{"delete":1000}]"#)
            _ = try await author.error()

            try await eventually("all spans have arrived") {
                let spans = try receiver.spans()
                return spans.count { $0.trace == trace } >= 5 && spans.contains { $0.attributes["error.type"] != nil }
            }
            let spans = try receiver.spans()
            let traced = spans.filter { $0.trace == trace }
            #expect(
                traced.map(\.name).sorted() == [
                    "apply_operation", "broadcast_operation", "handle_operation", "persist_operation",
                    "transform_operation",
                ])
            let handle = try #require(traced.first { $0.name == "handle_operation" })
            #expect(handle.parent == client)
            #expect(handle.attributes["server_id"] == gateway.id.text)
            #expect(handle.attributes["document.id"] == document.description)
            #expect(handle.attributes["client.id"] != nil)
            #expect(handle.attributes["operation.version"] == "\(opening.version)")
            for span in traced where span.name != "handle_operation" {
                #expect(span.parent == handle.id, "\(span.name)")
                #expect(span.attributes["server_id"] == owner.text, "\(span.name)")
            }
            #expect(traced.first { $0.name == "transform_operation" }?.attributes["transform.count"] == "0")
            // Nothing of the edit that was neither sampled nor slow nor failed.
            let others = spans.filter { $0.trace != trace }
            #expect(!others.isEmpty && others.allSatisfy { $0.attributes["error.type"] == "invalid_operation" })
            await first.abort()
            await second.abort()
        }
    }
}
