package import CollabModel
package import Logging
import PeerProtocol
package import RuntimePorts
import Synchronization

/// Watches the cluster while somebody looks, and tells every open console. Asks nothing of anybody while no console is
/// open.
package final class ConsoleFeed: ConsoleHost {
    private struct Console {
        let outbox: any ConsoleOutbox
        /// What it is sent next is the whole picture: it is new, or it missed a change.
        var needsState = true
    }

    private struct State {
        var consoles: [ConsoleToken: Console] = [:]
        var lastToken: UInt64 = 0
        var watching: Task<Void, Never>?
        var picture: ClusterPicture?
        /// Titles as they were read; asked again after a while, since documents are renamed.
        var titles: [DocumentID: String] = [:]
        /// Documents that had none when they were asked for: deleted ones, whose moves are still shown.
        var untitled: Set<DocumentID> = []
        var isReadingTitles = false
        var ticks = 0
    }

    /// Consoles of one node at a time.
    package static let consolesAtMost = 64
    private static let interval = Duration.seconds(1)
    private static let answerWithin = Duration.milliseconds(700)
    /// A picture older than this tells nothing of who has gone since.
    private static let staleMilliseconds: Int64 = 60_000
    private static let titlesForTicks = 30

    private let state = Mutex(State())
    private let cluster: String
    private let node: NodeID
    private let reports: any ClusterReports
    private let store: any OperatorStore
    private let clock: any RuntimeClock
    private let logger: Logger

    /// - Parameters:
    ///   - cluster: the cluster's name.
    ///   - node: this node.
    ///   - logger: takes failures to read titles at `debug`.
    package init(
        cluster: String, node: NodeID, reports: any ClusterReports, store: any OperatorStore, clock: any RuntimeClock,
        logger: Logger
    ) {
        self.cluster = cluster
        self.node = node
        self.reports = reports
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    package func open(_ outbox: any ConsoleOutbox) -> ConsoleToken? {
        state.withLock { state in
            guard state.consoles.count < Self.consolesAtMost else { return nil }
            state.lastToken += 1
            let token = ConsoleToken(state.lastToken)
            state.consoles[token] = Console(outbox: outbox)
            if state.watching == nil {
                // Unstructured: it lives from the first console's opening to the last one's closing.
                state.watching = Task { await self.watch() }
            }
            return token
        }
    }

    package func close(_ token: ConsoleToken) {
        state.withLock { state in
            state.consoles[token] = nil
            guard state.consoles.isEmpty else { return }
            state.watching?.cancel()
            state.watching = nil
        }
    }

    /// Whether it asks the nodes now.
    package var isWatching: Bool { state.withLock { $0.watching != nil } }

    private func watch() async {
        while !Task.isCancelled {
            await look()
            guard (try? await clock.sleep(for: Self.interval)) != nil else { return }
        }
    }

    /// Asks every node once and tells the consoles.
    package func look() async {
        let query = ReportQuery(documents: NodeReport.documentsAtMost)
        let answers = await reports.reports(query, within: Self.answerWithin)
        guard !Task.isCancelled else { return }
        let now = clock.wallMicroseconds() / 1_000
        let missing = state.withLock { state -> [DocumentID] in
            let before = state.picture.flatMap { now - $0.atMilliseconds < Self.staleMilliseconds ? $0 : nil }
            var picture = ClusterPicture(answers, after: before, atMilliseconds: now)
            picture.setTitles(state.titles)
            tell(picture, before: before, &state)
            state.picture = picture
            return titlesToRead(picture, &state)
        }
        if !missing.isEmpty { readTitles(missing) }
    }

    private func tell(_ picture: ClusterPicture, before: ClusterPicture?, _ state: inout State) {
        var whole: [UInt8]?
        var changes: [UInt8]?
        for (token, console) in state.consoles {
            guard console.outbox.isReady else {
                state.consoles[token]?.needsState = true
                continue
            }
            if !console.needsState, let before {
                let message = changes ?? ConsoleMessage.changes(from: before, to: picture)
                changes = message
                console.outbox.send(message)
            } else {
                let message = whole ?? ConsoleMessage.state(picture, cluster: cluster, node: node)
                whole = message
                state.consoles[token]?.needsState = false
                console.outbox.send(message)
            }
        }
    }

    // MARK: Titles

    private func titlesToRead(_ picture: ClusterPicture, _ state: inout State) -> [DocumentID] {
        state.ticks += 1
        var wanted = Set(picture.documents.keys)
        wanted.formUnion(picture.moves.map(\.change.document))
        state.titles = state.titles.filter { wanted.contains($0.key) }
        state.untitled.formIntersection(wanted)
        guard !state.isReadingTitles else { return [] }
        let rereads = state.ticks % Self.titlesForTicks == 0
        let missing = rereads ? wanted : wanted.filter { state.titles[$0] == nil && !state.untitled.contains($0) }
        guard !missing.isEmpty else { return [] }
        state.isReadingTitles = true
        return missing.sorted()
    }

    /// Reads beside the watch: a database that does not answer holds nothing else up.
    private func readTitles(_ documents: [DocumentID]) {
        // Unstructured for that reason; one at a time, and the database's own timeout ends it.
        Task {
            do {
                let titles = try await store.titles(of: documents)
                state.withLock { state in
                    state.titles.merge(titles) { $1 }
                    state.untitled.subtract(titles.keys)
                    state.untitled.formUnion(documents.filter { titles[$0] == nil })
                    state.isReadingTitles = false
                }
            } catch {
                logger.debug("no titles for the console", metadata: ["reason": "\(error)"])
                state.withLock { $0.isReadingTitles = false }
            }
        }
    }
}

extension ClusterPicture {
    mutating func setTitles(_ titles: [DocumentID: String]) {
        for id in documents.keys { documents[id]?.title = titles[id] }
        for index in moves.indices { moves[index].title = titles[moves[index].change.document] }
    }
}
