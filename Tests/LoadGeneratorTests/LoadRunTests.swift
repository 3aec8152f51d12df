import CollabClientTesting
import CollabModel
import Delta
import EditingTraces
import JSON
import Testing

@testable import LoadGenerator

@Suite struct LoadRunTests {
    @Test func `A load on a sound cluster converges with nothing lost or doubled`() async throws {
        try await withCluster { cluster in
            var plan = try await LoadPlan.brief(cluster)
            plan.duration = 2
            plan.tellsPresence = true
            let report = try await LoadRun(plan).run()
            #expect(report.converged, "\(report.differences)")
            #expect(report.lost == 0)
            #expect(report.doubled == 0)
            #expect(report.errors == 0, "\(report.reasons)")
            #expect(report.edits > 0)
            #expect(report.acknowledgedEdits == report.edits)
            #expect(report.operations > 0)
            #expect(report.ack != nil)
            #expect(report.lag != nil)
            // Everybody but its author applies an operation.
            #expect(report.applied >= report.operations * (plan.editors - 1) * 9 / 10)
        }
    }

    @Test func `Several documents with some who only watch converge`() async throws {
        try await withCluster { cluster in
            var plan = try await LoadPlan.brief(cluster)
            plan.editors = 12
            plan.documents = 3
            plan.typists = 6
            plan.threads = 2
            plan.characters = 2_000
            plan.runs = 100
            let report = try await LoadRun(plan).run()
            #expect(report.isSound, "\(report.differences)")
            #expect(report.documents.count == 3)
        }
    }

    @Test func `Cut connections cost reconnects and nothing else`() async throws {
        try await withCluster { cluster in
            let plan = try await LoadPlan.brief(cluster)
            let cut = LineWatch()
            let report = try await LoadRun(plan) { line in
                // The first line says that everybody is connected, the next come each second.
                if cut.isFirst(line) { Task { try await cluster.onLoop { $0.cutAll() } } }
            }.run()
            #expect(report.isSound, "\(report.differences)")
            #expect(report.reasons.keys.contains { $0.hasPrefix("disconnected") })
        }
    }

    @Test func `A cluster that loses acknowledged operations is found out`() async throws {
        var faults = LoopbackState.Faults()
        faults.losesEvery = 7
        try await withCluster(faults: faults) { cluster in
            let report = try await LoadRun(try await .brief(cluster)).run()
            #expect(report.lost > 0)
            #expect(!report.isSound)
        }
    }

    @Test func `A cluster that applies operations twice is found out`() async throws {
        var faults = LoopbackState.Faults()
        faults.doublesEvery = 7
        try await withCluster(faults: faults) { cluster in
            let report = try await LoadRun(try await .brief(cluster)).run()
            #expect(report.doubled > 0)
            #expect(!report.isSound)
        }
    }

    @Test func `A cluster that forgets what it acknowledged is found out`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            var plan = try await LoadPlan.brief(cluster)
            plan.existing = [document]
            plan.duration = 2
            let watch = LineWatch()
            let report = try await LoadRun(plan) { line in
                if watch.isSecond(line) { Task { try await cluster.onLoop { try $0.forget(last: 5, of: document) } } }
            }.run()
            #expect(report.lost > 0)
            #expect(!report.isSound)
        }
    }

    @Test func `A ramp ends at the step whose lag is too long and reports the one before`() async throws {
        try await withCluster { cluster in
            var plan = try await LoadPlan.brief(cluster)
            var ramp = LoadRamp()
            ramp.stepSeconds = 0.4
            ramp.factor = 2
            ramp.steps = 3
            plan.ramp = ramp
            let report = try await LoadRun(plan).run()
            #expect(report.isSound, "\(report.differences)")
            #expect(!report.steps.isEmpty)
            #expect(!report.steps.dropLast().contains { !$0.isGood })
        }
    }

    @Test func `A trace of one person is typed exactly`() async throws {
        let trace = #"""
            {"startContent":"ab🙂","endContent":"aX🙂🙂!","txns":[
            {"time":"","patches":[[1,1,"X"]]},{"time":"","patches":[[3,0,"🙂!"]]}]}
            """#
        try await withTemporaryFile(trace) { path in
            try await withCluster { cluster in
                var plan = try await LoadPlan.brief(cluster)
                plan.trace = path
                plan.endsWithTrace = true
                plan.warmUp = 0
                plan.duration = 20
                let report = try await LoadRun(plan).run()
                #expect(report.matchesTrace == true)
                #expect(report.edits == 2)
                #expect(report.isSound, "\(report.differences)")
            }
        }
    }

    @Test func `The JSON has the names that the figures are compared by`() async throws {
        try await withCluster { cluster in
            var plan = try await LoadPlan.brief(cluster)
            plan.duration = 1
            let value = try JSONValue(utf8: try await LoadRun(plan).run().jsonUTF8)
            for name in [
                "ack_ms", "lag_ms", "edits_per_second", "edits", "operations", "errors", "reconnects", "converged",
                "lost",
                "doubled", "gap_ms", "generator_cpu", "timeline",
            ] {
                #expect(value[name] != nil, "\(name) is missing")
            }
            for name in ["p50", "p95", "p99", "max"] {
                #expect(value["ack_ms"]?[name] != nil)
                #expect(value["lag_ms"]?[name] != nil)
            }
            #expect(value["converged"] == .bool(true))
        }
    }
}
