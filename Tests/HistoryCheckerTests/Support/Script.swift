import Delta

@testable import HistoryChecker

/// A history written by hand, a millisecond between events.
struct Script {
    private(set) var events: [HistoryEvent] = []
    var at: Int64 = 0

    /// Begins with document `d` and two sessions on it: `s1` of client `c1` (ann, node-1), `s2` of `c2` (ben, node-2).
    init(start: String = "\n", permission: HistoryEvent.Permission? = nil) {
        add(.document(.init("d", content: inserting(start))))
        for number in [1, 2] {
            let user = number == 1 ? "ann" : "ben"
            add(.opened(.init(session: "s\(number)", document: "d", user: user, node: "node-\(number)")))
            add(
                .initial(
                    .init(
                        session: "s\(number)", client: "c\(number)", version: 0, content: inserting(start),
                        permission: permission)))
        }
    }

    mutating func add(_ kind: HistoryEvent.Kind) {
        at += 1_000
        events.append(HistoryEvent(at: at, kind))
    }

    mutating func submit(_ id: String, by number: Int, on base: Int, _ operation: Delta) {
        add(.submitted(.init(session: "s\(number)", operationID: id, version: base, operation: operation)))
    }

    mutating func ack(_ id: String, to number: Int, _ version: Int, _ digest: Digest? = nil) {
        add(.acknowledged(.init(session: "s\(number)", operationID: id, version: version, digest: digest)))
    }

    mutating func tell(_ number: Int, _ version: Int, of client: Int, _ operation: Delta) {
        add(
            .seen(.init(session: "s\(number)", [.init(version: version, client: "c\(client)", operation: operation)])))
    }

    mutating func row(
        _ version: Int, _ id: String, of client: Int, _ operation: Delta, epoch: Int = 1, digest: Digest? = nil,
        committedAt: Int64? = nil, reading: Int? = nil
    ) {
        add(
            .row(
                .init(
                    document: "d", version: version, epoch: epoch, client: "c\(client)", operationID: id,
                    operation: operation, digest: digest, committedAt: committedAt, reading: reading)))
    }

    mutating func head(_ head: Int, epoch: Int = 1, reading: Int? = nil) {
        add(.head(.init(document: "d", epoch: epoch, head: head, reading: reading)))
    }

    /// The first operation, `o1` of `c1`: submitted, acknowledged, told to the other.
    mutating func first(_ operation: Delta = inserting("hi")) {
        submit("o1", by: 1, on: 0, operation)
        ack("o1", to: 1, 1)
        tell(2, 1, of: 1, operation)
    }

    /// The log of what ``first(_:)`` did.
    mutating func firstRow(_ operation: Delta = inserting("hi")) {
        row(1, "o1", of: 1, operation)
        head(1)
    }
}

/// An operation that inserts text at a place; a document, where the place is 0.
func inserting(_ text: String, at position: Int = 0) -> Delta {
    var delta = Delta()
    delta.retain(position)
    delta.insert(text)
    return delta
}

/// An operation that deletes.
func deleting(_ length: Int, at position: Int = 0) -> Delta {
    var delta = Delta()
    delta.retain(position)
    delta.delete(length)
    return delta
}

extension HistoryChecker {
    /// Takes events that are a history and judges them.
    static func report(_ events: [HistoryEvent], _ settings: Settings = Settings()) throws -> HistoryReport {
        var checker = HistoryChecker(settings: settings)
        for event in events { try checker.take(event) }
        return checker.finish()
    }
}

extension HistoryReport {
    /// The rules that were broken, by their names, and each promise that was.
    var broken: Set<Violation.Rule> { Set(verdicts.flatMap { $0.violations.map(\.rule) }) }
    var violated: Set<Guarantee> { Set(verdicts.filter { $0.outcome == .violated }.map(\.guarantee)) }
}
