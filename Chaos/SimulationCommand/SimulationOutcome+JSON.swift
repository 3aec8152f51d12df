internal import ClusterSimulation
internal import JSON

// What a worker tells the campaign, as a line of JSON.
extension SimulationOutcome {
    var json: JSONValue {
        [
            "seed": .string(String(seed)), "hash": .string(String(traceHash, radix: 16)),
            "operations": .number(Double(operations)), "submissions": .number(Double(submissions)),
            "received": .number(Double(received)), "scheduledFaults": .number(Double(scheduledFaults)),
            "virtualMicroseconds": .number(Double(virtualMicroseconds)), "jobs": .number(Double(jobs)),
            "events": .number(Double(events)), "faults": Self.json(faults), "reports": Self.json(reports),
            "violations": .array(
                violations.map { violation in
                    [
                        "promise": .string(violation.promise), "message": .string(violation.message),
                        "time": .number(Double(violation.time)),
                    ]
                }),
        ]
    }

    init?(_ json: JSONValue) {
        guard let seed = json["seed"]?.string.flatMap({ UInt64($0) }),
            let hash = json["hash"]?.string.flatMap({ UInt64($0, radix: 16) }),
            let violations = json["violations"]?.array
        else { return nil }
        func int(_ name: String) -> Int { json[name]?.int ?? 0 }
        self.init(
            seed: seed,
            violations: violations.map { violation in
                SimulationViolation(
                    promise: violation["promise"]?.string ?? "", message: violation["message"]?.string ?? "",
                    time: Int64(violation["time"]?.int ?? 0))
            }, traceHash: hash, operations: int("operations"), submissions: int("submissions"),
            received: int("received"), faults: Self.counts(json["faults"]), reports: Self.counts(json["reports"]),
            virtualMicroseconds: Int64(int("virtualMicroseconds")), jobs: UInt64(int("jobs")),
            events: UInt64(int("events")), scheduledFaults: int("scheduledFaults"))
    }

    private static func json(_ counts: [String: Int]) -> JSONValue {
        .object(
            JSONObject(
                counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .number(Double($0.value))) }))
    }

    private static func counts(_ json: JSONValue?) -> [String: Int] {
        var counts: [String: Int] = [:]
        for entry in json?.object?.entries ?? [] { counts[entry.key] = entry.value.int ?? 0 }
        return counts
    }
}
