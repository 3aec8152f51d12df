internal import RuntimePorts

/// The cells of the requests to one server: how long they took, and how many failed, by a small closed set of kinds.
struct RequestCells<Kind: RawRepresentable & CaseIterable & Hashable & Sendable>: Sendable
where Kind.RawValue == String {
    private let durations: [Kind: HistogramCell]
    private let errors: [Kind: CounterCell]

    /// - Parameters:
    ///   - server: for the names, such as `postgres`.
    ///   - title: for people, such as `PostgreSQL`.
    init(_ registry: MetricRegistry, server: String, title: String) {
        durations = Dictionary(
            uniqueKeysWithValues: Kind.allCases.map { kind in
                let cell = registry.histogram(
                    "collab_\(server)_request_duration_ms",
                    "Time that a request to \(title) took as this node saw it, by what was asked.",
                    bounds: Buckets.latency, labels: [("kind", kind.rawValue)])
                return (kind, cell)
            })
        errors = Dictionary(
            uniqueKeysWithValues: Kind.allCases.map { kind in
                let cell = registry.counter(
                    "collab_\(server)_errors_total", "Requests to \(title) that failed, by what was asked.",
                    labels: [("kind", kind.rawValue)])
                return (kind, cell)
            })
    }

    /// Runs a request and counts it.
    func measure<Value, Failure>(
        _ kind: Kind, _ clock: any RuntimeClock, isFailure: (Failure) -> Bool = { _ in true },
        _ request: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let started = clock.monotonicMicroseconds()
        do {
            let value = try await request()
            durations[kind]?.observe(microseconds: clock.monotonicMicroseconds() - started)
            return value
        } catch {
            durations[kind]?.observe(microseconds: clock.monotonicMicroseconds() - started)
            if isFailure(error) { errors[kind]?.add() }
            throw error
        }
    }
}

/// The values of the label `kind` of requests to PostgreSQL.
enum PostgresRequestKind: String, CaseIterable {
    case append
    case takeOver = "takeover"
    case ownership
    case read
    case lookUp = "lookup"
    case snapshot
    case catalog
}

/// The values of the label `kind` of requests to RabbitMQ.
enum RabbitMQRequestKind: String, CaseIterable {
    case reach, publish, depths
}

/// The values of the label `kind` of requests to Redis.
enum RedisRequestKind: String, CaseIterable {
    case renew, leave, members, lease, claim, release
}
