import Delta

@testable import HistoryChecker

// The server.
extension ReferenceCluster {
    /// Takes up what a client has sent: once, however often it comes.
    mutating func take(_ index: Int) throws {
        guard clients[index].isUntaken, let pending = clients[index].pending else { return }
        clients[index].isUntaken = false
        let client = clients[index].name
        if let known = rows.firstIndex(where: { $0.client == client && $0.operationID == pending.id }) {
            tell(index, known + 1, ack(index, pending.id, known + 1))
            return
        }
        guard !clients[index].isBarred else {
            refuse(index, pending)
            return
        }
        var delta = pending.delta
        for row in rows[pending.base...] { delta = row.delta.transform(delta, priority: true) }
        var content = contents[head]
        do {
            try content.apply(delta)
        } catch {
            refuse(index, pending)
            return
        }
        at += 1
        rows.append(
            Row(
                client: client, operationID: pending.id, delta: delta, epoch: epoch, digest: content.digest,
                committedAt: at))
        contents.append(content)
        for other in clients.indices {
            guard let session = clients[other].session else { continue }
            tell(
                other, head,
                other == index ? ack(index, pending.id, head) : .seen(.init(session: session, [seen(head)])))
        }
    }

    private func ack(_ index: Int, _ id: String, _ version: Int) -> HistoryEvent.Kind {
        .acknowledged(
            .init(
                session: clients[index].session ?? "", operationID: id, version: version,
                digest: contents[version].digest))
    }

    private mutating func tell(_ index: Int, _ version: Int, _ kind: HistoryEvent.Kind) {
        guard clients[index].session != nil else { return }
        clients[index].queue.append((version, kind))
    }

    private mutating func refuse(_ index: Int, _ pending: Pending) {
        settle(index)
        guard let session = clients[index].session else { return }
        record(.failed(.init(session: session, code: "forbidden", operationID: pending.id)))
        clients[index].pending = nil
        resync(index, rejected: pending.id)
    }

    mutating func resync(_ index: Int, rejected: String? = nil) {
        guard let session = clients[index].session else { return }
        record(
            .resynced(
                .init(
                    session: session, version: head, content: contents[head].delta, digest: contents[head].digest,
                    rejected: rejected)))
        drop(index, through: head)
    }

    mutating func takeOver() {
        epoch += 1
        read()
    }

    /// Looks at the log during the run.
    mutating func read() {
        readings += 1
        if let row = rows.indices.randomElement(using: &random) { record(logRow(row + 1, reading: readings)) }
        record(.head(.init(document: Self.document, epoch: epoch, head: head, reading: readings)))
    }

    func logRow(_ version: Int, reading: Int? = nil) -> HistoryEvent.Kind {
        let row = rows[version - 1]
        return .row(
            .init(
                document: Self.document, version: version, epoch: row.epoch, client: row.client,
                operationID: row.operationID, operation: row.delta, digest: row.digest,
                committedAt: row.committedAt, reading: reading))
    }
}
