internal import CollabModel
internal import DocumentCore
internal import RuntimePorts

/// The cells of what the runtime reports.
struct RuntimeCells: Sendable {
    let succeeded: CounterCell
    let rejected: [Rejection: CounterCell]
    let duplicates: CounterCell
    let ownerLatency: HistogramCell
    let stages: StageCells
    let transformLatency: [HistogramCell]
    let transformDistance: HistogramCell
    let activeDocuments: GaugeCell
    let followedDocuments: GaugeCell
    let ownedDocuments: GaugeCell
    let failovers: [FailoverCause: CounterCell]
    let failoverDuration: HistogramCell
    let handOffs: Outcome
    let handOffDuration: HistogramCell
    let fencedAppends: CounterCell
    let renewals: Outcome
    let renewalLatency: HistogramCell
    let batchOperations: HistogramCell
    let batchDocuments: HistogramCell
    let appendLatency: HistogramCell
    let appendErrors: CounterCell
    let snapshots: Outcome
    let snapshotDuration: HistogramCell
    let peerStreams: GaugeCell
    let heldSubmissions: GaugeCell
    let syncLag: HistogramCell
    let activationDuration: HistogramCell
    let members: GaugeCell
    let slowSessions: CounterCell

    /// Two counters of one name that differ in the label `result`.
    struct Outcome: Sendable {
        let success: CounterCell
        let failure: CounterCell

        init(_ registry: MetricRegistry, _ name: String, _ help: String) {
            success = registry.counter(name, help, labels: [("result", "success")])
            failure = registry.counter(name, help, labels: [("result", "failure")])
        }

        func count(_ succeeded: Bool) { (succeeded ? success : failure).add() }
    }

    /// Where an operation was rejected, and with what.
    struct Rejection: Hashable {
        var stage: RejectionStage
        var code: ErrorCode

        static var all: [Rejection] {
            RejectionStage.allCases.flatMap { stage in ErrorCode.allCases.map { Rejection(stage: stage, code: $0) } }
        }
    }

    init(_ registry: MetricRegistry) {
        let operations = { (status: String, code: String) in
            registry.counter(
                "collab_operations_total",
                """
                Operations by result and error code: decided by this node as owner, or refused here before they reached one.
                """,
                labels: [("status", status), ("code", code)])
        }
        succeeded = operations("success", "ok")
        rejected = Self.cells(Rejection.all) { operations($0.stage.rawValue, $0.code.rawValue) }
        duplicates = registry.counter(
            "collab_duplicate_operations_total",
            "Operations that were sent again and answered with their first version.")
        ownerLatency = registry.histogram(
            "collab_owner_latency_ms", "Time from an operation's arrival at its owner until it was durable.",
            bounds: Buckets.latency)
        stages = StageCells(registry)
        transformLatency = TransformDistance.allCases.map {
            registry.histogram(
                "collab_transform_latency_ms",
                "Time spent transforming one operation over those that it did not know of.",
                bounds: Buckets.transform, labels: [("concurrent_ops", $0.rawValue)])
        }
        transformDistance = registry.histogram(
            "collab_transform_concurrent_operations", "Operations over which a submission was transformed.",
            bounds: Buckets.sizes)
        activeDocuments = registry.gauge(
            "collab_active_documents", "Documents with sessions on any node, each counted once: by its owner.")
        followedDocuments = registry.gauge(
            "collab_followed_documents", "Documents that this node follows for its own sessions.")
        ownedDocuments = registry.gauge("collab_owned_documents", "Documents that this node owns.")
        failovers = Self.cells(FailoverCause.allCases) {
            registry.counter(
                "collab_failovers_total", "Documents that this node took over from an owner that was gone, by reason.",
                labels: [("reason", $0.rawValue)])
        }
        failoverDuration = registry.histogram(
            "collab_failover_duration_ms", "Time from the loss of an owner until this node served the document.",
            bounds: Buckets.interruption)
        handOffs = Outcome(registry, "collab_handoffs_total", "Documents that this node handed to another, by result.")
        handOffDuration = registry.histogram(
            "collab_handoff_duration_ms", "Time from the last submission taken until the successor confirmed.",
            bounds: Buckets.interruption)
        fencedAppends = registry.counter(
            "collab_fenced_appends_total", "Appends that were refused because another node owns the document.")
        renewals = Outcome(registry, "collab_lease_renewals_total", "Renewals of this node's lease, by result.")
        renewalLatency = registry.histogram(
            "collab_lease_renewal_latency_ms", "Time that a renewal of this node's lease took.",
            bounds: Buckets.latency)
        batchOperations = registry.histogram(
            "collab_append_batch_operations", "Operations in one append to the log.", bounds: Buckets.sizes)
        batchDocuments = registry.histogram(
            "collab_append_batch_documents", "Documents in one append to the log.", bounds: Buckets.sizes)
        appendLatency = registry.histogram(
            "collab_append_latency_ms", "Time that one append to the log took, its commit included.",
            bounds: Buckets.latency)
        appendErrors = registry.counter("collab_append_errors_total", "Appends that failed other than by the fence.")
        snapshots = Outcome(registry, "collab_snapshots_total", "Snapshots, by result.")
        snapshotDuration = registry.histogram(
            "collab_snapshot_duration_ms", "Time that a snapshot took.", bounds: Buckets.interruption)
        peerStreams = registry.gauge("collab_peer_streams", "Open streams to owners on other nodes.")
        heldSubmissions = registry.gauge(
            "collab_held_submissions", "Submissions that wait for an owner on this node.")
        syncLag = registry.histogram(
            "collab_sync_lag_ms", "Time from an operation's commit at its owner until this node's sessions had it.",
            bounds: Buckets.latency)
        activationDuration = registry.histogram(
            "collab_activation_duration_ms", "Time that becoming the owner of a document took.",
            bounds: Buckets.interruption)
        members = registry.gauge("collab_members", "Live members of the cluster as this node sees it.")
        slowSessions = registry.counter(
            "collab_slow_sessions_total", "Sessions that could not keep up and were resynced or closed.")
    }

    private static func cells<Key: Hashable>(
        _ keys: some Sequence<Key>, _ make: (Key) -> CounterCell
    ) -> [Key: CounterCell] {
        Dictionary(keys.map { ($0, make($0)) }) { first, _ in first }
    }
}

/// The stages of an operation's way, in their order.
struct StageCells: Sendable {
    /// From its arrival on the owner's node until the owner's machine had it.
    let receive: HistogramCell
    let transform: HistogramCell
    let apply: HistogramCell
    /// From applied ahead until the owner learnt that it was durable.
    let persist: HistogramCell
    /// From durable until handed to the sockets of one event loop of this node.
    let broadcast: HistogramCell

    init(_ registry: MetricRegistry) {
        let stage = { (name: String) in
            registry.histogram(
                "collab_stage_latency_ms",
                "Time that a stage of an operation's way took on this node; a broadcast is counted for a batch.",
                bounds: Buckets.stage, labels: [("stage", name)])
        }
        receive = stage("receive")
        transform = stage("transform")
        apply = stage("apply")
        persist = stage("persist")
        broadcast = stage("broadcast")
    }
}

/// The values of the label `concurrent_ops`: how many operations a turn was transformed over.
enum TransformDistance: String, CaseIterable {
    case none = "0"
    case one = "1"
    case few = "2-4"
    case several = "5-9"
    case some = "10-99"
    case many = "100+"

    /// The position in `allCases`.
    static func index(_ concurrent: Int) -> Int {
        switch concurrent {
        case ...0: 0
        case 1: 1
        case 2...4: 2
        case 5...9: 3
        case 10...99: 4
        default: 5
        }
    }
}
