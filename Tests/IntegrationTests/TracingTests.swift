import CollabModel
import LocalCluster
import NIOCore
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

        @Test("an edit that was slow is recorded although no trace is, at its gateway and at its owner")
        func slow() async throws {
            try await TraceReceiver.run { receiver in
                let environment = [
                    "COLLAB_OTLP_ENDPOINT": receiver.url, "COLLAB_TRACE_RATIO": "0",
                    "COLLAB_TRACE_SLOW_MILLISECONDS": "250",
                ]
                try await withLocalCluster(nodes: 1, environment: environment) { cluster in
                    let document = try await cluster.createDocument(title: "Slow")
                    let nodes = await cluster.nodes
                    let (session, opening) = try await RawSession.open(document, at: nodes[0])
                    try await cluster.holdAppends(of: document, throughEpoch: Epoch(100))
                    try await session.submit("slow", at: opening.version, #"[{"insert":"x"}]"#)
                    try await cluster.appendIsHeld()
                    try await elapse(.milliseconds(400))
                    try await cluster.releaseAppends()
                    _ = try await session.ack(of: "slow")
                    try await eventually("the spans have arrived") { try receiver.spans().count >= 4 }
                    let spans = try receiver.spans()
                    #expect(Set(spans.map(\.trace)).count == 1)
                    #expect(
                        spans.map(\.name).sorted() == [
                            "apply_operation", "handle_operation", "persist_operation", "transform_operation",
                        ])
                    await session.abort()
                }
            }
        }

        @Test("a collector that never answers costs spans, which are counted, and no edit")
        func silentCollector() async throws {
            try await SilentCollector.run { collector in
                let environment = [
                    "COLLAB_OTLP_ENDPOINT": collector.url, "COLLAB_TRACE_RATIO": "1", "COLLAB_TRACE_QUEUE_SPANS": "50",
                ]
                try await withLocalCluster(nodes: 1, environment: environment) { cluster in
                    let document = try await cluster.createDocument(title: "Unheard")
                    let node = try #require(await cluster.nodes.first)
                    let (session, opening) = try await RawSession.open(document, at: node)
                    var version = opening.version
                    for number in 0..<60 {
                        try await session.submit("e\(number)", at: version, #"[{"insert":"x"}]"#)
                        version = try await session.ack(of: "e\(number)").version
                    }
                    // Four spans each, of which 50 wait and 50 are in the request that has no answer.
                    let dropped = try await node.metric("collab_spans_dropped_total")
                    #expect(dropped >= 240 - 100, "dropped \(dropped)")
                    #expect(try await node.metric("collab_spans_exported_total") == 0)
                    await session.abort()
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
            let untraced = try await author.ack(of: "untraced")
            try await author.submit("refused", at: untraced.version, #"[{"delete":1000}]"#)
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
