import CollabClient
import CollabModel
import Delta
import LocalCluster
import NIOCore
import NIOPosix
import Testing

/// A person at the Swift client: types lines, each with a name of its own, so that a lost or doubled one is seen.
final class Editor: Sendable {
    let name: String
    let session: CollabSession
    let record: EditRecord

    private init(_ name: String, _ session: CollabSession, _ record: EditRecord) {
        self.name = name
        self.session = session
        self.record = record
    }

    /// Opens a session at a node; the others are where it goes when that one is gone.
    static func open(
        _ document: DocumentID, at node: ClusterNode, others: [ClusterNode] = [], name: String,
        options: SessionOptions = SessionOptions()
    ) async throws -> Editor {
        let record = EditRecord()
        var options = options
        options.user = name
        options.name = name
        options.verifiesEveryAck = true
        let session: CollabSession
        do {
            session = try await CollabSession.open(
                document: document, at: [node.url] + others.map(\.url), options: options,
                on: MultiThreadedEventLoopGroup.singleton
            ) { RecordingObserver(record) }
        } catch {
            throw Unsaved(name: name, record: record.now, error: error)
        }
        await session.onLoop { core in
            guard let observer = core.observer as? RecordingObserver else { return }
            observer.client = { [weak core] in core?.clientID }
        }
        return Editor(name, session, record)
    }

    /// Opens editors, spread evenly over the nodes.
    static func open(
        _ count: Int, _ document: DocumentID, at nodes: [ClusterNode], options: SessionOptions = SessionOptions()
    ) async throws -> [Editor] {
        try await withThrowingTaskGroup(of: Editor.self) { group in
            for number in 0..<count {
                let turn = number % nodes.count
                let order = nodes[turn...] + nodes[..<turn]
                group.addTask {
                    try await Editor.open(
                        document, at: order[turn], others: Array(order.dropFirst()), name: "e\(number)",
                        options: options)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Types one line somewhere in the document, between two others.
    func type() async throws {
        let turn = Self.turn(of: record, name)
        try await session.edit { Self.change($0, turn) }
    }

    /// Types one line and waits until it is durable.
    func typeAndSave(within limit: Duration = .seconds(20)) async throws {
        try await type()
        try await session.waitUntilSaved(within: limit)
    }

    /// Begins to type a line again and again.
    func startTyping(every interval: TimeAmount) async -> RepeatedTask {
        let (record, name) = (record, name)
        return await session.onLoop { core in
            let core = NIOLoopBound(core, eventLoop: core.eventLoop)
            let start = TimeAmount.nanoseconds(Int64.random(in: 0...interval.nanoseconds))
            return core.eventLoop.scheduleRepeatedTask(initialDelay: start, delay: interval) { _ in
                guard let content = core.value.content else { return }
                let turn = Self.turn(of: record, name)
                try? core.value.edit(Self.change(content, turn))
            }
        }
    }

    private static func turn(of record: EditRecord, _ name: String) -> String {
        var line = ""
        record.change {
            line = "\(name).\($0.lines.count)"
            $0.lines.append(line)
        }
        return line
    }

    private static func change(_ content: DocumentContent, _ line: String) -> Delta {
        var position = Int.random(in: 0..<content.length)
        while position > 0, content.unit(at: position - 1) != 10 { position -= 1 }
        var change = Delta()
        change.retain(position)
        change.insert(line + "\n")
        return change
    }
}

extension [Editor] {
    /// Lets everybody type for a time and returns when every edit is durable.
    func type(for time: TimeAmount, every interval: TimeAmount, within limit: Duration = .seconds(30)) async throws {
        try await typing(every: interval) { try await elapse(time) }
        try await save(within: limit)
    }

    /// Lets everybody type as long as `body` runs.
    func typing(every interval: TimeAmount, _ body: () async throws -> Void) async throws {
        var tasks: [RepeatedTask] = []
        for editor in self { tasks.append(await editor.startTyping(every: interval)) }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for task in tasks { task.cancel() }
        try result.get()
    }

    /// Returns when every edit is durable.
    func save(within limit: Duration = .seconds(30)) async throws {
        for editor in self {
            do { try await editor.session.waitUntilSaved(within: limit) } catch {
                throw Unsaved(name: editor.name, record: editor.record.now, error: error)
            }
        }
    }

    func close() async { for editor in self { await editor.session.close() } }

    /// What every editor was told to be durable.
    var acknowledgements: [DocumentLog.Acknowledgement] { flatMap(\.record.now.acknowledgements) }

    /// Checks the log, and that it and every editor have exactly what was typed: nothing lost, nothing doubled (G1, G3,
    /// G6, G7). All edits must be saved.
    @discardableResult
    func checkConvergence(
        _ document: DocumentID, on cluster: LocalCluster, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> DocumentLog {
        let log = try await DocumentLog.read(document, of: cluster)
        log.check(acknowledgements, sourceLocation: sourceLocation)
        for editor in self {
            try await editor.session.waitUntilSettled(at: log.head, within: .seconds(30))
            let content = try #require(await editor.session.content)
            #expect(
                content.digest == log.content.digest, "G6: \(editor.name) shows another document",
                sourceLocation: sourceLocation)
        }
        let typed = flatMap(\.record.now.lines)
        let found = log.content.text.split(separator: "\n").map(String.init).filter { $0.first == "e" }
        let (lost, doubled) = (Set(typed).subtracting(found), found.count - Set(found).count)
        #expect(lost.isEmpty, "G1: lost \(lost.sorted().prefix(5))", sourceLocation: sourceLocation)
        #expect(doubled == 0, "G3: \(doubled) lines are doubled", sourceLocation: sourceLocation)
        #expect(found.count == typed.count, sourceLocation: sourceLocation)
        return log
    }
}

/// An editor whose edits did not become durable in time.
struct Unsaved: Error, CustomStringConvertible {
    var name: String
    var record: EditRecord.Entries
    var error: any Error
    var description: String {
        "\(name): \(error); connections \(record.connections), disconnections \(record.disconnections), "
            + "errors \(record.errors.suffix(5)), acks \(record.acknowledgements.count)"
    }
}
