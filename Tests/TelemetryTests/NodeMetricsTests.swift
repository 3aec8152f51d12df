import CollabModel
import DocumentCore
import RuntimePorts
import Testing

@testable import Telemetry

/// A node's metrics after one of each report.
func nodeMetricsWithEverything() throws -> NodeMetrics {
    let metrics = NodeMetrics(node: try #require(NodeID("node-1")))
    metrics.owner(.acknowledged(latencyMicroseconds: 1500))
    metrics.owner(.duplicate)
    for code in ErrorCode.allCases { metrics.owner(.rejected(code)) }
    metrics.owner(.transformed(concurrent: 3))
    metrics.replica(.resync(reason: "slow"))
    metrics.replica(.slowSession)
    metrics.replica(.heldSubmissions(4))
    metrics.transformed(concurrent: 7, microseconds: 20)
    metrics.ownedDocuments(2)
    metrics.openReplicas(3)
    metrics.documentState(try document(1), version: Version(7), epoch: Epoch(2))
    for cause in FailoverCause.allCases { metrics.failover(cause, microseconds: 30_000) }
    metrics.handOff(succeeded: true, microseconds: 12_000)
    metrics.handOff(succeeded: false, microseconds: 500_000)
    metrics.fencedAppend()
    metrics.leaseRenewal(succeeded: true, microseconds: 200)
    metrics.leaseRenewal(succeeded: false, microseconds: 200)
    metrics.appendBatch(operations: 12, documents: 3, microseconds: 900)
    metrics.appendError()
    metrics.snapshot(succeeded: true, microseconds: 2000)
    metrics.peerStreams(5)
    metrics.heldSubmissions(6)
    metrics.syncLag(microseconds: 800)
    metrics.activation(microseconds: 4000)
    metrics.members(3)
    metrics.connectionOpened()
    metrics.connectionOpened()
    metrics.connectionClosed(1001, seconds: 5)
    metrics.connectionRefused(.overloaded)
    metrics.frameReceived(bytes: 100)
    for reason in FrameRejection.allCases { metrics.frameRejected(reason) }
    metrics.acknowledged(microseconds: 2500)
    metrics.sent(bytes: 2000, frames: 3)
    metrics.outboxFull()
    metrics.request(status: 404, microseconds: 100)
    return metrics
}

private func document(_ number: Int) throws -> DocumentID {
    let digits = String(number, radix: 16)
    let text = String(repeating: "0", count: 12 - digits.count) + digits
    return try #require(DocumentID("00000000-0000-4000-8000-\(text)"))
}

private func samples(_ metrics: NodeMetrics) -> Set<String> {
    Set(String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n").map(String.init))
}

@Suite("A node's metrics")
struct NodeMetricsTests {
    @Test("each report is found under its name")
    func catalogue() throws {
        let found = samples(try nodeMetricsWithEverything())
        let expected = [
            "collab_operations_total{server_id=\"node-1\",status=\"success\"} 1",
            "collab_operations_total{server_id=\"node-1\",status=\"invalid_operation\"} 1",
            "collab_duplicate_operations_total{server_id=\"node-1\"} 1",
            "collab_owner_latency_ms_sum{server_id=\"node-1\"} 1.5",
            "collab_operation_latency_ms_sum{server_id=\"node-1\"} 2.5",
            "collab_transform_latency_ms_count{server_id=\"node-1\",concurrent_ops=\"5-9\"} 1",
            "collab_owned_documents{server_id=\"node-1\"} 2",
            "collab_active_documents{server_id=\"node-1\"} 3",
            "collab_document_version{server_id=\"node-1\",document_id=\"00000000-0000-4000-8000-000000000001\"} 7",
            "collab_document_epoch{server_id=\"node-1\",document_id=\"00000000-0000-4000-8000-000000000001\"} 2",
            "collab_failovers_total{server_id=\"node-1\",reason=\"refused\"} 1",
            "collab_failover_duration_ms_count{server_id=\"node-1\"} 3",
            "collab_handoffs_total{server_id=\"node-1\",result=\"success\"} 1",
            "collab_handoffs_total{server_id=\"node-1\",result=\"failure\"} 1",
            "collab_handoff_duration_ms_sum{server_id=\"node-1\"} 12",
            "collab_fenced_appends_total{server_id=\"node-1\"} 1",
            "collab_lease_renewals_total{server_id=\"node-1\",result=\"failure\"} 1",
            "collab_append_batch_operations_sum{server_id=\"node-1\"} 12",
            "collab_append_batch_documents_sum{server_id=\"node-1\"} 3",
            "collab_append_latency_ms_sum{server_id=\"node-1\"} 0.9",
            "collab_peer_streams{server_id=\"node-1\"} 5",
            "collab_held_submissions{server_id=\"node-1\"} 6",
            "collab_sync_lag_ms_sum{server_id=\"node-1\"} 0.8",
            "collab_snapshots_total{server_id=\"node-1\",result=\"success\"} 1",
            "collab_resyncs_total{server_id=\"node-1\",reason=\"slow\"} 1",
            "collab_members{server_id=\"node-1\"} 3",
            "collab_ws_connections_total{server_id=\"node-1\"} 1",
            "collab_ws_connection_duration_seconds_sum{server_id=\"node-1\"} 5",
            "collab_ws_closed_total{server_id=\"node-1\",code=\"1001\"} 1",
            "collab_ws_refused_total{server_id=\"node-1\",code=\"1013\"} 1",
            "collab_ws_messages_sent_total{server_id=\"node-1\"} 3",
            "collab_http_requests_total{server_id=\"node-1\",status=\"4xx\"} 1",
        ]
        for line in expected { #expect(found.contains(line), "\(line)") }
    }

    @Test("what has not happened yet is there with 0, so that a rate sees the first event")
    func zeros() throws {
        let found = samples(NodeMetrics(node: try #require(NodeID("n"))))
        #expect(found.contains("collab_failovers_total{server_id=\"n\",reason=\"expired\"} 0"))
        #expect(found.contains("collab_operations_total{server_id=\"n\",status=\"success\"} 0"))
        #expect(found.contains("collab_fenced_appends_total{server_id=\"n\"} 0"))
    }

    @Test("only the documents that changed last are scraped, and a released one is not")
    func documentTable() throws {
        let table = DocumentTable()
        for number in 1...200 { table.note(try document(number), version: Version(1), epoch: Epoch(1)) }
        table.note(try document(1), version: Version(2), epoch: Epoch(1))
        table.forget(try document(200))
        let recent = table.recent.map(\.document)
        #expect(recent.count == DocumentTable.scrapedDocuments)
        #expect(recent.first == (try document(1)))
        #expect(recent.last == (try document(199)))
        #expect(!recent.contains(try document(200)))
    }

    @Test("concurrent reports are all counted")
    func concurrency() async throws {
        let metrics = NodeMetrics(node: try #require(NodeID("node-1")))
        let resyncs = ["a", "b", "c"]
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for turn in 0..<2000 {
                        metrics.owner(.acknowledged(latencyMicroseconds: Int64(turn)))
                        metrics.connectionOpened()
                        metrics.replica(.resync(reason: resyncs[(turn + task) % 3]))
                    }
                }
                group.addTask {
                    for _ in 0..<50 { _ = metrics.exposition() }
                }
            }
        }
        let found = samples(metrics)
        #expect(found.contains("collab_operations_total{server_id=\"node-1\",status=\"success\"} 16000"))
        #expect(found.contains("collab_owner_latency_ms_count{server_id=\"node-1\"} 16000"))
        #expect(found.contains("collab_ws_connections_total{server_id=\"node-1\"} 16000"))
        let total = found.filter { $0.hasPrefix("collab_resyncs_total") }.compactMap {
            $0.split(separator: " ").last.flatMap { Int($0) }
        }
        #expect(total.reduce(0, +) == 16_000)
    }

    @Test("a value lies in the bucket whose bound it does not pass")
    func buckets() {
        let histogram = HistogramCell(bounds: Buckets.latency)
        for bound in Buckets.latency {
            histogram.observe(bound)
            histogram.observe(bound.nextUp)
        }
        histogram.observe(.nan)
        let counts = histogram.snapshot.counts
        #expect(counts.first == 1)
        #expect(counts.dropFirst().dropLast().allSatisfy { $0 == 2 })
        #expect(counts.last == 1)
        #expect(histogram.snapshot.count == UInt64(2 * Buckets.latency.count))
    }
}
