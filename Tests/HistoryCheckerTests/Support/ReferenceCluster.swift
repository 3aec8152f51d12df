import Delta
import JSON
import Randomness

@testable import HistoryChecker

/// A server and its clients, as small as they can be, that write the history of what they do: a sound one.
///
/// The server appends what it takes up at once; what it tells each session waits in a queue, so that clients edit
/// versions that are no longer the newest. One document, one user per client.
struct ReferenceCluster {
    struct Row {
        var client: String
        var operationID: String
        var delta: Delta
        var epoch: Int
        var digest: Digest
        var committedAt: Int64
    }

    struct Pending {
        var id: String
        var base: Int
        var delta: Delta
    }

    struct Client {
        let name: String
        let user: String
        var session: String?
        var seen = 0
        var operations = 0
        var pending: Pending?
        /// Whether the server has not taken up what is pending.
        var isUntaken = false
        var isBarred = false
        /// What the server has told and the client has not received; the version after it.
        var queue: [(version: Int, kind: HistoryEvent.Kind)] = []
    }

    var random: SplitMix64
    var events: [HistoryEvent] = []
    var at: Int64 = 0
    var epoch = 1
    var rows: [Row] = []
    /// The document at every version.
    var contents: [DocumentContent]
    var clients: [Client] = []
    private var names = 0
    var readings = 0
    static let document = "doc"

    init(seed: UInt64, clients count: Int = 3) throws {
        random = SplitMix64(seed: seed)
        let start = inserting("The start.\n")
        contents = [try DocumentContent(start)]
        record(.document(.init(Self.document, content: start)))
        for index in 0..<count {
            clients.append(Client(name: "client-\(index)", user: "user-\(index)"))
            open(index)
        }
    }

    var head: Int { rows.count }

    mutating func record(_ kind: HistoryEvent.Kind) {
        at += Int64.random(in: 1...2_000, using: &random)
        events.append(HistoryEvent(at: at, kind))
    }

    mutating func name(_ prefix: String) -> String {
        names += 1
        return "\(prefix)-\(names)"
    }

    func seen(_ version: Int) -> HistoryEvent.SeenOperation {
        let row = rows[version - 1]
        return .init(version: version, client: row.client, operation: row.delta, operationID: nil)
    }

    // MARK: Clients

    /// Connects: for the first time, or with a catch-up, or with a whole content.
    mutating func open(_ index: Int) {
        let session = name("session")
        let isNew = clients[index].operations == 0 && clients[index].seen == 0
        let node = "node-\(Int.random(in: 1...3, using: &random))"
        record(
            .opened(
                .init(
                    session: session, document: Self.document, user: clients[index].user, node: node,
                    client: isNew ? nil : clients[index].name)))
        clients[index].session = session
        let permission: HistoryEvent.Permission = clients[index].isBarred ? .view : .edit
        let client = clients[index]
        if isNew || random.chance(30) {
            record(
                .initial(
                    .init(
                        session: session, client: client.name, version: head, content: contents[head].delta,
                        digest: contents[head].digest, permission: permission,
                        lastOperationID: rows.last { $0.client == client.name }?.operationID)))
            drop(index, through: head)
        } else {
            let missed = (client.seen..<head).map { version in
                var operation = seen(version + 1)
                operation.operationID = rows[version].operationID
                return operation
            }
            record(
                .caughtUp(
                    .init(
                        session: session, client: client.name, asked: client.seen, operations: missed, head: head,
                        digest: contents[head].digest, permission: permission)))
            rebase(index, to: head)
        }
        if let pending = clients[index].pending { send(pending, index) }
    }

    /// Takes over a version as its own, and what is pending with it, unless that is part of it.
    private mutating func rebase(_ index: Int, to version: Int) {
        if var pending = clients[index].pending {
            for row in rows[pending.base..<version] {
                if row.client == clients[index].name, row.operationID == pending.id {
                    clients[index].pending = nil
                    break
                }
                pending.delta = row.delta.transform(pending.delta, priority: true)
            }
            pending.base = version
            if clients[index].pending != nil { clients[index].pending = pending }
        }
        clients[index].seen = version
    }

    mutating func drop(_ index: Int, through version: Int) {
        rebase(index, to: version)
        clients[index].queue = []
    }

    mutating func close(_ index: Int) {
        guard let session = clients[index].session else { return }
        record(.closed(.init(session: session, code: random.chance(50) ? 1_001 : nil)))
        clients[index].session = nil
        clients[index].queue = []
        // What the server has not taken up is lost with the connection, half of the time.
        if random.chance(50) { clients[index].isUntaken = false }
    }

    mutating func edit(_ index: Int) {
        guard clients[index].session != nil, clients[index].pending == nil, !clients[index].isBarred else { return }
        clients[index].operations += 1
        let delta = operation(on: contents[clients[index].seen])
        let pending = Pending(
            id: "\(clients[index].name)-\(clients[index].operations)", base: clients[index].seen, delta: delta)
        clients[index].pending = pending
        send(pending, index)
    }

    mutating func send(_ pending: Pending, _ index: Int) {
        guard let session = clients[index].session else { return }
        record(
            .submitted(
                .init(session: session, operationID: pending.id, version: pending.base, operation: pending.delta)))
        clients[index].isUntaken = true
    }

    private mutating func operation(on content: DocumentContent) -> Delta {
        var delta = Delta()
        var position = 0
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let rest = content.length - position
            let skip = Int.random(in: 0...rest, using: &random)
            delta.retain(skip)
            position += skip
            let left = content.length - position
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where left > 0:
                let length = Int.random(in: 1...min(left, 6), using: &random)
                delta.delete(length)
                position += length
                // What is written next stands behind something that stays.
                guard position < content.length else { return delta }
                delta.retain(1)
                position += 1
            case 1 where left > 0:
                let length = Int.random(in: 1...min(left, 6), using: &random)
                delta.retain(length, attributes: ["bold": random.chance(50) ? true : nil])
                position += length
            case 2: delta.insert(embed: Embed(["image": "x.png"]))
            default: delta.insert(["a", "bc", "def", "é", "\n"].randomElement(using: &random) ?? "a")
            }
        }
        return delta
    }

    /// The client receives the next thing that it was told.
    mutating func receive(_ index: Int) {
        guard clients[index].session != nil, !clients[index].queue.isEmpty else { return }
        let (version, kind) = clients[index].queue.removeFirst()
        record(kind)
        if case .acknowledged(let ack) = kind, ack.operationID == clients[index].pending?.id {
            clients[index].pending = nil
            clients[index].seen = max(clients[index].seen, version)
        } else if version > clients[index].seen {
            rebase(index, to: version)
        }
    }

    mutating func settle(_ index: Int) {
        while clients[index].session != nil, !clients[index].queue.isEmpty { receive(index) }
    }
}
