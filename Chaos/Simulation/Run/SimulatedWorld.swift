internal import CollabModel
internal import Delta
internal import DocumentCore
internal import Logging
internal import Randomness
internal import RuntimePorts
internal import RuntimeTesting

/// Everything of one run: nodes, servers, network, editors.
final class SimulatedWorld {
    let plan: SimulationPlan
    let scheduler: SimulatedScheduler
    let network: SimulatedNetwork
    let redis: SimulatedRedis
    let postgres: SimulatedPostgres
    let metrics = SimulationMetrics()
    private(set) var nodes: [SimulatedNode] = []
    private(set) var editors: [SimulatedEditor] = []
    private(set) var documents: [DocumentID] = []
    private(set) var history: SimulationHistory!
    private(set) var faults: FaultInjector!
    private var random: SplitMix64
    private var sessionCount = 0
    private var editorCount = 0
    private var announcements: Task<Void, Never>?
    /// Whether editors make edits by themselves.
    var isTypingAllowed = true
    let anyNode = NodeID("node")!
    let anyUser = UserID("user")!

    init(_ plan: SimulationPlan, narrator: Narrator? = nil) {
        self.plan = plan
        random = SplitMix64(seed: plan.seed ^ 0x3031)
        scheduler = SimulatedScheduler(seed: random.next(), shuffles: !plan.isCalm, narrator: narrator)
        network = SimulatedNetwork(scheduler: scheduler, seed: random.next(), isCalm: plan.isCalm)
        redis = SimulatedRedis(scheduler: scheduler, network: network)
        postgres = SimulatedPostgres(scheduler: scheduler, network: network, lanes: plan.lanes)
        history = SimulationHistory(self)
        faults = FaultInjector(self)
        postgres.onTakeover = { [weak self] in self?.history.takenOver($0, $1, head: $2) }
    }

    /// Tells the transcript something.
    func tell(_ line: () -> String) { scheduler.tell { _ in line() } }

    func nextSession() -> Int {
        sessionCount += 1
        return sessionCount
    }

    // MARK: Beginning and ending

    static var emptyDocument: DocumentContent {
        var delta = Delta()
        delta.insert("\n")
        return (try? DocumentContent(delta)) ?? DocumentContent()
    }

    /// Creates the documents, starts the nodes and the editors.
    func begin() {
        scheduler.install()
        documents = (0..<plan.documents).map { _ in DocumentID(.random(using: &random)) }
        let (created, store) = (documents, postgres.store)
        scheduler.run(as: scheduler.world) {
            announcements = redis.announce()
            Task {
                for document in created {
                    _ = try? await store.create(
                        document, title: "", owner: UserID("owner")!, content: Self.emptyDocument)
                }
            }
        }
        scheduler.runReady()
        for (index, document) in documents.enumerated() {
            scheduler.narrator?.call(document, "d\(index + 1)")
            history.began(document, Self.emptyDocument)
        }
        for number in 1...plan.nodes { nodes.append(SimulatedNode(number, in: self)) }
        for node in nodes { node.start() }
        for document in documents {
            for _ in 0..<plan.editorsPerDocument { editors.append(makeEditor(of: document)) }
        }
        for editor in editors { editor.start() }
    }

    private func makeEditor(of document: DocumentID) -> SimulatedEditor {
        editorCount += 1
        return SimulatedEditor(
            editorCount, name: "e\(editorCount)", document: document, in: self, seed: random.next(), isGuest: true)
    }

    /// Adds an editor that stays on one node and types only what it is told.
    func addEditor(_ name: String, on node: Int) {
        editorCount += 1
        let editor = SimulatedEditor(
            editorCount, name: name, document: documents[0], in: self, seed: UInt64(editorCount), isGuest: false)
        editor.isTyping = false
        editor.fixedNode = node
        editors.append(editor)
        editor.start()
    }

    /// The machine with a name.
    func host(_ name: String) -> SimulatedHost? {
        switch name {
        case "redis": redis.host
        case "postgres": postgres.host
        default:
            nodes.first { $0.id.text == name }?.host ?? editors.first { $0.name == name }?.host
        }
    }

    /// One goes away for good, another one comes.
    func replaceEditor(_ number: Int) {
        let former = editors[number]
        former.vanish()
        editors[number] = makeEditor(of: former.document)
        editors[number].start()
    }

    /// Ends everything, so that nothing of this run is left.
    func end() {
        for editor in editors { editor.vanish() }
        for node in nodes where node.isRunning { node.crash(.closing) }
        announcements?.cancel()
        scheduler.runReady()
    }

    // MARK: Settling

    /// Whether every editor is connected, has nothing unsaved and is at the end of its document's log.
    var isSettled: Bool {
        editors.allSatisfy { $0.isSettled && $0.machine.version == postgres.store.head(of: $0.document) }
    }

    // MARK: Logs

    /// Log events that nothing in a simulation excuses: storage is never corrupted here.
    private static let inexcusable: Set<String> = [
        "document_damaged", "snapshot_set_aside", "warm_state_refused",
    ]

    func logger(of node: String) -> Logger {
        var logger = Logger(label: node) { [weak self] _ in
            SimulationLog(node: node, take: { self?.logged($0, $1, $2, $3) }, logLevel: .warning)
        }
        logger.logLevel = scheduler.narrator == nil ? .warning : .info
        return logger
    }

    private func logged(_ node: String, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        if case .string(let event)? = metadata["event"].map({ Logger.MetadataValue.string($0.description) }),
            Self.inexcusable.contains(event)
        {
            history.violated("process", "\(node): \(message) \(Self.line(metadata))")
        }
        tell { "\(node): \(message) \(Self.line(metadata))" }
    }

    private static func line(_ metadata: Logger.Metadata) -> String {
        metadata.filter { $0.key != "event" && $0.key != "document_id" }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
