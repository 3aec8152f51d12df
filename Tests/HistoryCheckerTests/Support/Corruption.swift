import Delta
import Randomness
import Testing

@testable import HistoryChecker

/// A change of a history that was sound, and what it breaks.
struct Corruption: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let guarantee: Guarantee
    /// Makes the change; `false`: this history has no place for it.
    let apply: @Sendable (inout [HistoryEvent], inout SplitMix64) -> Bool

    init(
        _ name: String, _ guarantee: Guarantee,
        _ apply: @escaping @Sendable (inout [HistoryEvent], inout SplitMix64) -> Bool
    ) {
        testDescription = "\(name): \(guarantee)"
        self.guarantee = guarantee
        self.apply = apply
    }

    static let all: [Corruption] = [
        Corruption("an acknowledged row is dropped", .g1) { events, random in
            let acknowledged = Set(events.compactMap { $0.acknowledgement?.operationID })
            guard
                let index = events.pick(&random, { $0.lastRow.map { acknowledged.contains($0.operationID) } ?? false })
            else { return false }
            events.remove(at: index)
            return true
        },
        Corruption("a row is dropped", .g4) { events, random in
            guard let index = events.pick(&random, { $0.lastRow != nil }) else { return false }
            events.remove(at: index)
            return true
        },
        Corruption("two rows change places", .g2) { events, random in
            let rows = events.indices.filter { events[$0].lastRow != nil }
            guard rows.count > 1 else { return false }
            let place = Int.random(in: 0..<rows.count - 1, using: &random)
            guard var first = events[rows[place]].lastRow, var second = events[rows[place + 1]].lastRow else {
                return false
            }
            swap(&first.version, &second.version)
            swap(&first.epoch, &second.epoch)
            events[rows[place]].kind = .row(second)
            events[rows[place + 1]].kind = .row(first)
            return true
        },
        Corruption("a row's digest is changed", .g6) { events, random in
            events.change(&random, \.lastRow) {
                $0.digest = Digest(rawValue: 7)
            } make: {
                .row($0)
            }
        },
        Corruption("an ack's digest is changed", .g6) { events, random in
            events.change(&random, \.acknowledgement) {
                $0.digest = Digest(rawValue: 7)
            } make: {
                .acknowledged($0)
            }
        },
        Corruption("an ack comes again with another version", .g3) { events, random in
            guard let index = events.pick(&random, { $0.acknowledgement != nil }),
                var ack = events[index].acknowledgement
            else { return false }
            ack.version += 1
            events.insert(HistoryEvent(at: events[index].at, .acknowledged(ack)), at: index + 1)
            return true
        },
        Corruption("an ack names another version", .g1) { events, random in
            // Told once: a repetition that differs goes against another promise.
            let told = Dictionary(grouping: events.compactMap(\.acknowledgement), by: \.operationID)
            return events.change(
                &random, { $0.acknowledgement.flatMap { told[$0.operationID]?.count == 1 ? $0 : nil } },
                { $0.version += 1 }, make: { .acknowledged($0) })
        },
        Corruption("an ack comes before its commit", .g1) { events, random in
            let acks = Dictionary(
                events.compactMap { event in event.acknowledgement.map { ($0.operationID, event.at) } },
                uniquingKeysWith: min)
            guard let index = events.pick(&random, { $0.lastRow.map { acks[$0.operationID] != nil } ?? false }),
                var row = events[index].lastRow, let at = acks[row.operationID]
            else { return false }
            row.committedAt = at + 1
            events[index].kind = .row(row)
            return true
        },
        Corruption("an epoch is lowered", .g5) { events, random in
            let rows = events.indices.filter { events[$0].lastRow != nil }
            guard rows.count > 1 else { return false }
            let place = Int.random(in: 1..<rows.count, using: &random)
            guard var row = events[rows[place]].lastRow, let before = events[rows[place - 1]].lastRow else {
                return false
            }
            row.epoch = before.epoch - 1
            events[rows[place]].kind = .row(row)
            return true
        },
        Corruption("an epoch had taken over before", .g5) { events, random in
            guard let last = events.last(where: { $0.lastRow != nil })?.lastRow,
                let index = events.pick(&random, { $0.acknowledgement.map { $0.version < last.version } ?? false }),
                let head = events[index].acknowledgement?.version
            else { return false }
            let reading = HistoryEvent.LogHead(
                document: ReferenceCluster.document, epoch: last.epoch + 1, head: head, reading: 999)
            events.insert(HistoryEvent(at: events[index].at, .head(reading)), at: index + 1)
            return true
        },
        Corruption("a broadcast is lost", .g4) { events, random in
            // Something else follows in the same session.
            guard
                let index = events.pick(&random, { $0.broadcast != nil }),
                let session = events[index].broadcast?.session,
                let next = events[(index + 1)...].first(where: { $0.tells(session) }),
                next.numbered == (events[index].numbered ?? 0) + 1
            else { return false }
            events.remove(at: index)
            return true
        },
        Corruption("a broadcast comes twice", .g4) { events, random in
            guard let index = events.pick(&random, { $0.broadcast != nil }) else { return false }
            events.insert(events[index], at: index)
            return true
        },
        Corruption("a broadcast has another text", .g2) { events, random in
            events.change(&random, \.broadcast) {
                $0.operations[0].operation.insert("?")
            } make: {
                .seen($0)
            }
        },
        Corruption("a session is told more than there is", .g2) { events, random in
            guard let index = events.pick(&random, { $0.held != nil }), let held = events[index].held else {
                return false
            }
            let phantom = HistoryEvent.SeenOperation(
                version: held.version + 1, client: "client-0", operation: inserting("boo"))
            events.insert(
                HistoryEvent(at: events[index].at, .seen(.init(session: held.session, [phantom]))), at: index + 1)
            return true
        },
        Corruption("an operation is applied twice", .g3) { events, random in
            guard let index = events.indices.last(where: { events[$0].lastRow != nil }), let end = events.last,
                case .head(var head) = end.kind, var row = events[index].lastRow
            else { return false }
            row.version += 1
            head.head += 1
            events[events.count - 1].kind = .head(head)
            events.insert(HistoryEvent(at: end.at, .row(row)), at: events.count - 1)
            return true
        },
        Corruption("an operation is refused after all", .g3) { events, random in
            guard let index = events.pick(&random, { $0.acknowledgement != nil }),
                let ack = events[index].acknowledgement
            else { return false }
            let refusal = HistoryEvent.Failure(
                session: ack.session, code: "too_large", operationID: ack.operationID)
            events.insert(HistoryEvent(at: events[index].at, .failed(refusal)), at: index + 1)
            return true
        },
        Corruption("what was submitted is another text than everybody was told", .g7) { events, random in
            let rows = Set(events.compactMap { $0.lastRow?.operationID })
            // Sent once: of one that was sent again, the other sending would do.
            let sent = Dictionary(grouping: events.compactMap(\.submission), by: \.operationID)
            return events.change(
                &random,
                {
                    $0.submission.flatMap {
                        rows.contains($0.operationID) && sent[$0.operationID]?.count == 1 ? $0 : nil
                    }
                },
                { $0.operation = Delta(ops: inserting("mine ").ops + $0.operation.ops) }
            ) { .submitted($0) }
        },
        Corruption("a content has a character more", .g2) { events, random in
            events.change(&random, \.whole) {
                $0.content.insert("!")
            } make: {
                .initial($0)
            }
        },
        Corruption("a document is empty", .g8) { events, random in
            events.change(&random, \.whole) {
                $0.content = inserting("\n")
            } make: {
                .initial($0)
            }
        },
        Corruption("a session holds something else", .g6) { events, random in
            events.change(&random, \.held) {
                $0.content = inserting("else\n")
            } make: {
                .held($0)
            }
        },
        Corruption("an accepted operation was sent after the right to edit was taken", .g9) { events, random in
            let rows = Set(events.compactMap { $0.lastRow?.operationID })
            guard let index = events.pick(&random, { $0.submission.map { rows.contains($0.operationID) } ?? false }),
                let session = events[index].submission?.session,
                let opening = events.compactMap(\.opening).first(where: { $0.session == session })
            else { return false }
            // Nothing about this user may be undecided.
            events.removeAll { $0.isAccess }
            guard let place = events.firstIndex(where: { $0.opening?.user == opening.user }) else { return false }
            let change = HistoryEvent.AccessChange(
                request: "taken", document: ReferenceCluster.document, user: opening.user, permission: .view)
            let at = events[place].at
            events.insert(
                contentsOf: [
                    HistoryEvent(at: at, .accessRequested(change)),
                    HistoryEvent(at: at, .accessAnswered(request: "taken", status: 204)),
                ], at: place)
            return true
        },
        Corruption("a user is told content after the right to view was taken", .g9) { events, random in
            events.removeAll { $0.isAccess }
            guard let index = events.pick(&random, { $0.opening != nil }), let opening = events[index].opening else {
                return false
            }
            let change = HistoryEvent.AccessChange(
                request: "taken", document: ReferenceCluster.document, user: opening.user, permission: .none)
            let at = events[index].at
            events.insert(
                contentsOf: [
                    HistoryEvent(at: at, .accessRequested(change)),
                    HistoryEvent(at: at, .accessAnswered(request: "taken", status: 204)),
                ], at: index)
            return true
        },
    ]
}
