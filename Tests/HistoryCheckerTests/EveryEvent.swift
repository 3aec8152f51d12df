import Delta
import JSON

@testable import HistoryChecker

/// One event of each kind, with every field and without.
enum EveryEvent {
    static let list: [HistoryEvent] = [
        HistoryEvent(at: 0, .document(.init("d", content: text("\n")))),
        HistoryEvent(at: 1, .opened(.init(session: "s", document: "d", user: "ann", node: "node-1", client: "c"))),
        HistoryEvent(at: 1, .opened(.init(session: "t", document: "d", user: "böb \"x\""))),
        HistoryEvent(at: 2, .initial(.init(session: "s", client: "c", version: 0, content: text("\n")))),
        HistoryEvent(
            at: 2,
            .initial(
                .init(
                    session: "s", client: "c", version: 0, content: text("\n"), digest: digest, permission: .edit,
                    lastOperationID: "o"))),
        HistoryEvent(
            at: 3, .submitted(.init(session: "s", operationID: "o", version: 0, operation: text("𝄞 \u{1}é")))),
        HistoryEvent(at: 4, .acknowledged(.init(session: "s", operationID: "o", version: 1, digest: digest))),
        HistoryEvent(at: 4, .acknowledged(.init(session: "s", operationID: "o", version: 1))),
        HistoryEvent(at: 5, .seen(.init(session: "t", [seen(1)]))),
        HistoryEvent(at: 5, .seen(.init(session: "t", [seen(2), seen(3, "o")]))),
        HistoryEvent(at: 5, .seen(.init(session: "t", []))),
        HistoryEvent(
            at: 6,
            .caughtUp(
                .init(
                    session: "t", client: "c", asked: 1, operations: [seen(2, "p")], head: 4, digest: digest,
                    permission: .view))),
        HistoryEvent(at: 6, .caughtUp(.init(session: "t", client: "c", asked: 1, operations: [], head: 1))),
        HistoryEvent(
            at: 7,
            .resynced(
                .init(
                    session: "s", client: "c", version: 2, content: text("x\n"), digest: digest,
                    permission: HistoryEvent.Permission.none, lastOperationID: "o", rejected: "p"))),
        HistoryEvent(at: 7, .resynced(.init(session: "s", version: 2, content: Delta()))),
        HistoryEvent(at: 8, .failed(.init(session: "s", code: "forbidden", operationID: "p"))),
        HistoryEvent(at: 8, .failed(.init(document: "d", code: "unavailable"))),
        HistoryEvent(at: 9, .degraded(session: "s")),
        HistoryEvent(at: 9, .restored(session: "s")),
        HistoryEvent(at: 10, .permission(session: "s", .admin)),
        HistoryEvent(at: 10, .presence(session: "s", client: "c", version: 3)),
        HistoryEvent(
            at: 11, .accessRequested(.init(request: "r", document: "d", user: "ann", permission: .view))),
        HistoryEvent(at: 12, .accessAnswered(request: "r", status: 204)),
        HistoryEvent(
            at: 13, .read(.init(document: "d", user: "ann", askedAt: 12, version: 1, content: text("a\n")))),
        HistoryEvent(at: 14, .held(.init(session: "s", version: 1, digest: digest, content: text("a\n")))),
        HistoryEvent(at: 14, .held(.init(session: "s", version: 1))),
        HistoryEvent(at: 15, .faultBegan(.init("f", kind: "kill", targets: ["node-1", "node-2"]))),
        HistoryEvent(at: 16, .faultEnded(fault: "f")),
        HistoryEvent(at: 17, .closed(.init(session: "s", code: 1_000))),
        HistoryEvent(at: 17, .closed(.init(session: "t"))),
        HistoryEvent(
            at: 18,
            .row(
                .init(
                    document: "d", version: 1, epoch: 2, client: "c", operationID: "o", operation: Delta(),
                    digest: digest, committedAt: 17, reading: 1))),
        HistoryEvent(
            at: 18,
            .row(.init(document: "d", version: 1, epoch: 2, client: "c", operationID: "o", operation: text("x")))),
        HistoryEvent(at: 19, .head(.init(document: "d", epoch: 2, head: 1, reading: 1))),
        HistoryEvent(at: 19, .head(.init(document: "d", epoch: 2, head: 1))),
    ]

    private static let digest = Digest(rawValue: 0x0123_4567_89AB_CDEF)

    private static func text(_ string: String) -> Delta {
        var delta = Delta()
        delta.insert(string, attributes: ["bold": true])
        return delta
    }

    private static func seen(_ version: Int, _ operationID: String? = nil) -> HistoryEvent.SeenOperation {
        var operation = Delta()
        operation.retain(1, attributes: ["link": nil])
        operation.delete(2)
        return .init(version: version, client: "c", operation: operation, operationID: operationID)
    }
}
