internal import CollabClient
internal import CollabModel
internal import Delta
internal import LoadGenerator
internal import LocalCluster
internal import NIOCore
internal import Nemeses
internal import Randomness
internal import Synchronization

/// The people of a run: opens their sessions, lets them type, and finds out what they hold at the end.
final class ChaosLoad: ClientCrowd {
    private struct Member: Sendable {
        let number: Int
        let document: Int
        let editor: NIOLoopBound<ChaosEditor>
        let eventLoop: any EventLoop
    }
    private struct Vanishing: Sendable {
        var number: Int
        var client: ClientID
        var at: Int64
    }

    let documents: [DocumentID]
    let figures: LoadFigures
    private let workload: Workload
    private let members: [Member]
    private let vanished = Mutex<[Vanishing]>([])

    /// Makes the editors; none is connected yet. Those of one document are spread over the nodes.
    init(
        _ workload: Workload, documents: [DocumentID], nodes: [ClusterNode], seed: UInt64, recorder: HistoryRecorder,
        loops: [any EventLoop]
    ) async throws {
        self.workload = workload
        self.documents = documents
        let figures = LoadFigures()
        self.figures = figures
        let routes = NodeRoutes()
        let urls = nodes.map { "http://\(routes.clients(of: $0.number)):\($0.port)" }
        let names = Dictionary(uniqueKeysWithValues: zip(urls, nodes.map(\.id.text)))
        var seeds = SplitMix64(seed: seed)
        var members: [Member] = []
        for number in 0..<workload.editors {
            let document = number % documents.count
            let first = (number / documents.count + document) % urls.count
            let order = Array(urls[first...] + urls[..<first])
            let eventLoop = loops[document % loops.count]
            let seed = seeds.next()
            var options = SessionOptions()
            options.user = "chaos-\(number)"
            options.name = "Editor \(number)"
            options.seed = seeds.next()
            options.verifiesEveryAck = true
            options.sourceHost = routes.clientSource(of: number)
            let id = documents[document]
            let given = options
            let editor = try await eventLoop.submit {
                let core = try SessionCore(document: id, urls: order, options: given, observer: nil, on: eventLoop)
                let tap = SessionRecorder(
                    number: number, document: id, user: "chaos-\(number)", nodes: names,
                    recordsPresence: workload.presence, recorder: recorder, figures: figures)
                let editor = ChaosEditor(
                    number: number, core: core, recorder: tap, figures: figures, mix: workload.mix,
                    tellsPresence: workload.presence, seed: seed)
                core.observer = editor
                core.tap = tap
                return NIOLoopBound(editor, eventLoop: eventLoop)
            }.get()
            members.append(Member(number: number, document: document, editor: editor, eventLoop: eventLoop))
        }
        self.members = members
    }

    /// Opens every session and returns when all have their document.
    func open(within limit: TimeAmount = .seconds(30)) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in members {
                group.addTask {
                    try await member.eventLoop.flatSubmit {
                        member.editor.value.core.start()
                        return member.editor.value.core.whenReady(within: limit)
                    }.get()
                }
            }
            try await group.waitForAll()
        }
    }

    func startTyping() async throws {
        let rate = workload.rate
        try await onEach { $0.startTyping(rate: rate) }
    }

    func stopTyping() async throws { try await onEach { $0.stopTyping() } }

    func leave() async throws { try await onEach { $0.leave() } }

    /// The links of those who lose their connection again and again, by editor.
    var reconnecting: [Int] { Array(members.prefix(workload.reconnecting).map(\.number)) }

    // MARK: The end

    /// Waits until every edit is durable and everybody has every version.
    ///
    /// - Returns: what did not come about in time.
    func settle(within limit: Duration) async throws -> [String] {
        let deadline = NIODeadline.now() + TimeAmount(limit)
        var late: [String] = []
        for member in members {
            do {
                try await member.eventLoop.flatSubmit {
                    let editor = member.editor.value
                    guard !editor.hasVanished else { return member.eventLoop.makeSucceededVoidFuture() }
                    return editor.core.whenSaved(within: max(.milliseconds(1), deadline - .now()))
                }.get()
            } catch {
                late.append("client-\(member.number) has edits that did not become durable: \(error)")
            }
        }
        var heads = [Version](repeating: .initial, count: documents.count)
        for member in members {
            let version = try await member.eventLoop.submit { member.editor.value.core.version }.get()
            heads[member.document] = max(heads[member.document], version)
        }
        for member in members {
            let head = heads[member.document]
            do {
                try await member.eventLoop.flatSubmit {
                    let editor = member.editor.value
                    guard !editor.hasVanished else { return member.eventLoop.makeSucceededVoidFuture() }
                    return editor.core.whenSettled(at: head, within: max(.milliseconds(1), deadline - .now()))
                }.get()
            } catch {
                late.append("client-\(member.number) did not reach version \(head): \(error)")
            }
        }
        return late
    }

    /// Writes down what everybody holds; of one editor of each document, all of it.
    func recordHoldings() async throws {
        var told: Set<Int> = []
        for member in members {
            let isFirst = !told.contains(member.document)
            let hasTold = try await member.eventLoop.submit {
                let editor = member.editor.value
                guard !editor.hasVanished, editor.core.isSaved, let content = editor.core.content else { return false }
                editor.recorder.holds(content, at: editor.core.version, wholly: isFirst)
                return true
            }.get()
            if hasTold { told.insert(member.document) }
        }
    }

    // MARK: Clients that vanish

    func choose(_ count: Int, seed: UInt64) async -> [Int] {
        var random = SplitMix64(seed: seed)
        let gone = Set(vanished.withLock { $0.map(\.number) })
        // Of every document one editor stays, to notice.
        let candidates = members.dropFirst(documents.count).map(\.number).filter { !gone.contains($0) }
        return Array(candidates.shuffled(using: &random).prefix(count))
    }

    func vanish(_ numbers: [Int]) async {
        for member in members where numbers.contains(member.number) {
            let client = try? await member.eventLoop.submit {
                let client = member.editor.value.core.clientID
                if let client { self.figures.forgetLeaving(of: client) }
                member.editor.value.vanish()
                return client
            }.get()
            guard let client = client ?? nil else { continue }
            vanished.withLock {
                $0.append(Vanishing(number: member.number, client: client, at: HistoryRecorder.now))
            }
        }
    }

    /// How long the others went on seeing those who vanished: `nil` where they still do.
    var presenceOfVanished: [(number: Int, lasting: Duration?)] {
        vanished.withLock { $0 }.map { gone in
            (gone.number, figures.leaving(of: gone.client).map { .microseconds($0 - gone.at) })
        }
    }

    private func onEach(_ body: @escaping @Sendable (ChaosEditor) -> Void) async throws {
        for member in members { try await member.eventLoop.submit { body(member.editor.value) }.get() }
    }
}
