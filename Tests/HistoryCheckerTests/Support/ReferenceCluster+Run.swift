import Delta

@testable import HistoryChecker

extension ReferenceCluster {
    /// The history of a run of so many steps, to its end.
    static func history(seed: UInt64, steps: Int, clients: Int = 3) throws -> [HistoryEvent] {
        var cluster = try ReferenceCluster(seed: seed, clients: clients)
        for _ in 0..<steps { try cluster.step() }
        try cluster.finish()
        return cluster.events
    }

    private mutating func step() throws {
        let index = clients.indices.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<28: edit(index)
        case 28..<50: try take(index)
        case 50..<80: for _ in 0..<Int.random(in: 1...4, using: &random) { receive(index) }
        case 80..<82: close(index)
        case 82..<92: if clients[index].session == nil { open(index) }
        case 92: resync(index)
        case 93: takeOver()
        case 94: read()
        case 95: if clients[index].isBarred || random.chance(40) { change(index) }
        case 96: fault()
        case 97: if let pending = clients[index].pending { send(pending, index) }
        case 98: readContent(index)
        default: chatter(index)
        }
    }

    /// Takes the right to edit, or gives it back.
    private mutating func change(_ index: Int) {
        let request = name("request")
        let permission: HistoryEvent.Permission = clients[index].isBarred ? .edit : .view
        record(
            .accessRequested(
                .init(request: request, document: Self.document, user: clients[index].user, permission: permission)))
        clients[index].isBarred.toggle()
        record(.accessAnswered(request: request, status: 200))
        if let session = clients[index].session { record(.permission(session: session, permission)) }
    }

    private mutating func fault() {
        let fault = name("fault")
        let kind = ["kill", "pause", "partition"].randomElement(using: &random) ?? "kill"
        record(.faultBegan(.init(fault, kind: kind, targets: ["node-1"])))
        if random.chance(70) { record(.faultEnded(fault: fault)) }
    }

    private mutating func readContent(_ index: Int) {
        record(
            .read(
                .init(
                    document: Self.document, user: clients[index].user, askedAt: at, version: head,
                    content: contents[head].delta)))
    }

    private mutating func chatter(_ index: Int) {
        guard let session = clients[index].session else { return }
        record(.degraded(session: session))
        record(.failed(.init(session: session, code: "unavailable", operationID: clients[index].pending?.id)))
        record(.restored(session: session))
        record(.presence(session: session, client: "client-0", version: clients[index].seen))
    }

    /// Everybody comes back, everything is taken up and told; then the log is read.
    private mutating func finish() throws {
        for index in clients.indices {
            if clients[index].session == nil { open(index) }
            if let pending = clients[index].pending, !clients[index].isUntaken { send(pending, index) }
            try take(index)
        }
        for index in clients.indices {
            settle(index)
            guard let session = clients[index].session else { continue }
            let content = contents[clients[index].seen]
            record(
                .held(
                    .init(
                        session: session, version: clients[index].seen, digest: content.digest,
                        content: content.delta)))
            record(.closed(.init(session: session, code: 1_000)))
        }
        for version in stride(from: 1, through: head, by: 1) { record(logRow(version)) }
        record(.head(.init(document: Self.document, epoch: epoch, head: head)))
    }
}
