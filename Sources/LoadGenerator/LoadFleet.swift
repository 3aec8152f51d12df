import CollabClient
import CollabModel
import Delta
import EditingTraces
import NIOCore
import NIOPosix

/// A document of a load, with what is needed to judge it at the end.
struct LoadedDocument: Sendable {
    let id: DocumentID
    let version: Version
    let content: DocumentContent
    let ledger: DocumentLedger
}

/// The editors of a load, spread over documents, nodes and event loops.
///
/// A document's editors are all on one loop, so that its ledger is never contended.
struct LoadFleet: Sendable {
    /// An editor, to be touched on its loop only.
    struct Member: Sendable {
        let editor: NIOLoopBound<LoadEditor>
        let eventLoop: any EventLoop
        let document: Int
        let types: Bool
    }

    let documents: [LoadedDocument]
    let recorders: [LoadRecorder]
    private(set) var members: [Member] = []

    /// Makes the editors; none is connected yet.
    init(plan: LoadPlan, documents: [LoadedDocument], trace: EditingTrace?, loops: [any EventLoop]) async throws {
        self.documents = documents
        recorders = loops.map { _ in LoadRecorder() }
        for index in 0..<plan.editors {
            let number = index % documents.count
            let loop = number % loops.count
            let recorder = recorders[loop]
            let document = documents[number]
            // The editors of one document go to different nodes, and so do the first editors of the documents.
            let first = (index / documents.count + number) % plan.urls.count
            let urls = Array(plan.urls[first...] + plan.urls[..<first])
            let types = index < plan.typing
            let eventLoop = loops[loop]
            // Far enough apart that no editor of another load's seed has the same.
            let seed = plan.seed &* 1_000_003 &+ UInt64(index) &* 2
            let editor = try await eventLoop.submit {
                var options = SessionOptions()
                options.token = plan.token
                options.user = plan.token == nil ? "load-\(index)" : nil
                options.name = "Editor \(index)"
                options.seed = seed &+ 1
                let core = try SessionCore(
                    document: document.id, urls: urls, options: options, observer: nil, on: eventLoop)
                var source: (any EditSource)?
                if types {
                    source =
                        trace.map { TraceSource($0, agent: index / documents.count) }
                        ?? TypingSource(seed: seed)
                }
                let editor = LoadEditor(
                    index: index, core: core, ledger: document.ledger, recorder: recorder, source: source,
                    tellsPresence: plan.tellsPresence, seed: seed)
                core.observer = editor
                return NIOLoopBound(editor, eventLoop: eventLoop)
            }.get()
            members.append(Member(editor: editor, eventLoop: eventLoop, document: number, types: types))
        }
    }

    /// Opens every session, so many at a time.
    func open(atOnce: Int, within limit: TimeAmount, progress: @Sendable (Int) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var opened = 0
            for (index, member) in members.enumerated() {
                if index >= atOnce {
                    try await group.next()
                    opened += 1
                    if opened.isMultiple(of: 100) { progress(opened) }
                }
                group.addTask {
                    try await member.onLoop { editor in
                        editor.core.start()
                        return editor.core.whenReady(within: limit)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Begins the typing of all who type.
    ///
    /// - Returns: when every source has ended, or the typing was stopped.
    func startTyping(at start: Int64, rate: Double) async throws -> [EventLoopFuture<Void>] {
        var futures: [EventLoopFuture<Void>] = []
        for member in members where member.types {
            let ended = try await member.eventLoop.submit {
                member.editor.value.startTyping(at: start, rate: rate)
            }.get()
            futures.append(ended)
        }
        return futures
    }

    func change(rate: Double) {
        for member in members { member.eventLoop.execute { member.editor.value.change(rate: rate) } }
    }

    func stopTyping() async throws {
        for member in members { try await member.eventLoop.submit { member.editor.value.stopTyping() }.get() }
    }

    func leave() async throws {
        for member in members { try await member.eventLoop.submit { member.editor.value.leave() }.get() }
    }

    /// Waits until everything typed is durable and everybody has it.
    ///
    /// - Returns: what did not come about in time, by editor.
    func settle(within limit: TimeAmount) async throws -> [String] {
        let deadline = NIODeadline.now() + limit
        var late: [String] = []
        for (index, member) in members.enumerated() {
            do {
                try await member.onLoop { $0.core.whenSaved(within: max(.zero, deadline - .now())) }
            } catch {
                late.append("editor \(index) has unsaved edits: \(error)")
            }
        }
        var heads = [Version](repeating: .initial, count: documents.count)
        for member in members {
            let version = try await member.eventLoop.submit { member.editor.value.core.version }.get()
            heads[member.document] = max(heads[member.document], version)
        }
        for (index, member) in members.enumerated() {
            let head = heads[member.document]
            do {
                try await member.onLoop {
                    $0.core.whenSettled(at: head, within: max(.milliseconds(1), deadline - .now()))
                }
            } catch {
                late.append("editor \(index) has not reached version \(head): \(error)")
            }
        }
        return late
    }

    /// What the editors of a document hold, and under which ids they were clients.
    func holdings(of document: Int) async throws -> (holdings: [LogAudit.Holding], clients: Set<ClientID>) {
        var holdings: [LogAudit.Holding] = []
        var clients: Set<ClientID> = []
        for (index, member) in members.enumerated() where member.document == document {
            let (holding, client) = try await member.eventLoop.submit {
                let core = member.editor.value.core
                return (LogAudit.Holding(editor: index, version: core.version, content: core.content), core.clientID)
            }.get()
            holdings.append(holding)
            if let client { clients.insert(client) }
        }
        return (holdings, clients)
    }
}

extension LoadFleet.Member {
    func onLoop(_ body: @escaping @Sendable (LoadEditor) -> EventLoopFuture<Void>) async throws {
        try await eventLoop.flatSubmit { body(editor.value) }.get()
    }
}
