internal import CollabModel
internal import Delta
internal import DocumentCore
internal import HistoryChecker
internal import RuntimeTesting

/// What went against a promise.
package struct SimulationViolation: Sendable {
    /// The promise, for example `G1`; `settling` for what should have come to an end and `process` for what a node said
    /// of itself.
    package var promise: String
    package var message: String
    /// Virtual microseconds.
    package var time: Int64

    package init(promise: String, message: String, time: Int64) {
        self.promise = promise
        self.message = message
        self.time = time
    }
}

/// Writes down what the editors saw and what lies in the log, for the checker that also judges real clusters.
final class SimulationHistory {
    private unowned let world: SimulatedWorld
    private var checker = HistoryChecker()
    private(set) var report: HistoryReport?
    /// The time of each event, for what a violation points at.
    private var times: [Int64] = []
    private var names: [ClientID: String] = [:]
    private var documents: [DocumentID: String] = [:]
    private(set) var violations: [SimulationViolation] = []
    private var readings = 0
    private(set) var submissions = 0
    private(set) var received = 0

    init(_ world: SimulatedWorld) { self.world = world }

    func violated(_ promise: String, _ message: String, at time: Int64? = nil) {
        world.tell { "!! \(promise): \(message)" }
        guard violations.count < 20 else { return }
        violations.append(
            SimulationViolation(promise: promise, message: message, time: time ?? world.scheduler.now))
    }

    // MARK: What happens

    func began(_ document: DocumentID, _ content: DocumentContent) {
        let name = "d\(documents.count + 1)"
        documents[document] = name
        take(.document(.init(name, content: content.delta)))
    }

    func opened(_ session: String, by editor: SimulatedEditor, on node: NodeID, as client: ClientID?) {
        take(
            .opened(
                .init(
                    session: session, document: name(editor.document), user: editor.name, node: node.text,
                    client: client.map(name))))
    }

    func closed(_ session: String, _ code: CloseCode?) {
        take(.closed(.init(session: session, code: code.map { Int($0.rawValue) })))
    }

    func submitted(_ id: OperationID, base: Version, _ delta: Delta, on session: String) {
        submissions += 1
        take(
            .submitted(
                .init(session: session, operationID: id.text, version: Int(base.value), operation: delta)))
    }

    func received(_ message: ServerMessage, on session: String, resumedAt asked: Version?) {
        received += 1
        switch message {
        case .initial(let whole): take(.initial(content(whole, session)))
        case .resync(let whole, _, let rejected):
            var resync = content(whole, session)
            resync.rejected = rejected?.text
            take(.resynced(resync))
        case .catchUp(let catchUp):
            take(
                .caughtUp(
                    .init(
                        session: session, client: name(catchUp.session.clientID), asked: Int(asked?.value ?? 0),
                        operations: catchUp.operations.map(seen), head: Int(catchUp.head.value),
                        digest: catchUp.version == catchUp.head ? catchUp.digest : nil,
                        permission: Self.permission(catchUp.session.permission))))
        case .acknowledged(let id, let version, let digest):
            take(
                .acknowledged(
                    .init(session: session, operationID: id.text, version: Int(version.value), digest: digest)))
        case .operations(let operations): take(.seen(.init(session: session, operations.map(seen))))
        case .error(let code, _, let id):
            take(.failed(.init(session: session, code: code.rawValue, operationID: id?.text)))
        case .cursor, .selection, .clientJoined, .clientLeft, .permission, .degraded, .restored, .signOfLife: break
        }
    }

    /// An edit was taken back although nobody forbade it.
    func refused(_ delta: Delta, _ reason: String, of editor: SimulatedEditor) {
        violated("G7", "\(editor.name) lost \(delta): \(reason)")
    }

    /// An epoch was raised: a reading of the log's head at that moment.
    func takenOver(_ document: DocumentID, _ epoch: Epoch, head: Version) {
        readings += 1
        take(
            .head(
                .init(document: name(document), epoch: Int(epoch.value), head: Int(head.value), reading: readings)))
    }

    // MARK: The end

    /// Reads the logs and what the editors hold, and judges everything.
    func finish() {
        for editor in world.editors {
            guard let session = editor.sessionName, editor.isSettled, let content = editor.machine.content else {
                continue
            }
            take(
                .held(
                    .init(session: session, version: Int(editor.machine.version.value), digest: content.digest)))
        }
        for document in world.documents {
            let log = world.postgres.store.log(of: document)
            let times = world.postgres.commitTimes(of: document)
            for row in log {
                let index = Int(row.version.value) - 1
                take(
                    .row(
                        .init(
                            document: name(document), version: Int(row.version.value), epoch: Int(row.epoch.value),
                            client: name(row.clientID), operationID: row.operationID.text, operation: row.delta,
                            digest: row.digest, committedAt: times.indices.contains(index) ? times[index] : nil)))
            }
            let epoch = world.postgres.store.epoch(of: document)
            take(.head(.init(document: name(document), epoch: Int(epoch.value), head: log.count)))
        }
        let report = checker.finish()
        self.report = report
        for verdict in report.verdicts {
            for violation in verdict.violations.prefix(5) {
                let time = violation.lines.last.flatMap { times.indices.contains($0 - 2) ? times[$0 - 2] : nil }
                violated(
                    verdict.guarantee.description,
                    "\(violation.rule.rawValue): \(violation.message) (\(violation.document)"
                        + "\(violation.session.map { ", session \($0)" } ?? "")"
                        + "\(violation.version.map { ", version \($0)" } ?? ""))", at: time)
            }
        }
    }

    private func take(_ kind: HistoryEvent.Kind) {
        times.append(world.scheduler.now)
        do throws(HistoryFault) {
            try checker.take(HistoryEvent(at: world.scheduler.now, kind))
        } catch {
            violated("history", "\(error)")
        }
    }

    // MARK: Names

    private func name(_ client: ClientID) -> String {
        if let known = names[client] { return known }
        let name = client.description
        names[client] = name
        return name
    }

    private func name(_ document: DocumentID) -> String { documents[document] ?? document.description }

    private func seen(_ operation: RemoteOperation) -> HistoryEvent.SeenOperation {
        .init(
            version: Int(operation.version.value), client: name(operation.clientID), operation: operation.delta,
            operationID: operation.operationID?.text)
    }

    private func content(_ whole: WholeDocument, _ session: String) -> HistoryEvent.WholeContent {
        .init(
            session: session, client: whole.session.map { name($0.clientID) }, version: Int(whole.version.value),
            content: whole.content, digest: whole.digest,
            permission: whole.session.map { Self.permission($0.permission) },
            lastOperationID: whole.lastOperationID?.text)
    }

    private static func permission(_ permission: Permission) -> HistoryEvent.Permission {
        switch permission {
        case .view: .view
        case .edit: .edit
        case .admin: .admin
        }
    }
}
