import CollabModel
import Delta
import Testing

@testable import LoadGenerator

@Suite struct LogAuditTests {
    private static let client = ClientID(Identifier128(high: 1, low: 2))
    private static let other = ClientID(Identifier128(high: 3, low: 4))

    private func id(_ text: String) throws -> OperationID { try #require(OperationID(text)) }

    private func insert(_ text: String) -> Delta {
        var delta = Delta()
        delta.insert(text)
        return delta
    }

    /// The log of inserts at the start, with right digests.
    private func rows(_ operations: [(String, ClientID, String)]) throws -> [LogRow] {
        var content = DocumentContent()
        var version = Version.initial
        return try operations.map { name, client, text in
            try content.apply(insert(text))
            version = version.next
            return LogRow(
                version: version, clientID: client, operationID: try id(name), digest: content.digest,
                delta: insert(text))
        }
    }

    private func submitted(_ operations: [(String, String)]) throws -> [OperationID: DocumentLedger.Submitted] {
        var result: [OperationID: DocumentLedger.Submitted] = [:]
        for (name, text) in operations {
            result[try id(name)] = .init(editor: 0, mark: insert(text).insertMark, isAcknowledged: true)
        }
        return result
    }

    private func audit(
        _ rows: [LogRow], _ submitted: [OperationID: DocumentLedger.Submitted], text: String, at version: Int64
    ) throws -> AuditFindings {
        var held = DocumentContent()
        try held.apply(insert(text))
        var audit = LogAudit(
            content: DocumentContent(), version: .initial, submitted: submitted, clients: [Self.client],
            holdings: [.init(editor: 0, version: Version(version), content: held)])
        for row in rows { audit.take(row) }
        return audit.finish()
    }

    @Test func `A log with every operation once is sound`() throws {
        let found = try audit(
            try rows([("a", Self.client, "x"), ("z", Self.other, "y")]), try submitted([("a", "x")]), text: "yx", at: 2)
        #expect(found.converged, "\(found.differences)")
        #expect(found.lost == 0)
        #expect(found.doubled == 0)
    }

    @Test func `An acknowledged operation that is not in the log is lost`() throws {
        let found = try audit(
            try rows([("a", Self.client, "x")]), try submitted([("a", "x"), ("b", "y")]), text: "x", at: 1)
        #expect(found.lost == 1)
    }

    @Test func `An unacknowledged operation that is not in the log is not lost`() throws {
        var operations = try submitted([("a", "x"), ("b", "y")])
        operations[try id("b")]?.isAcknowledged = false
        let found = try audit(try rows([("a", Self.client, "x")]), operations, text: "x", at: 1)
        #expect(found.lost == 0)
        #expect(found.converged)
    }

    @Test func `An operation that is in the log twice is doubled`() throws {
        let found = try audit(
            try rows([("a", Self.client, "x"), ("a", Self.client, "x")]), try submitted([("a", "x")]), text: "xx", at: 2
        )
        #expect(found.doubled == 1)
    }

    @Test func `An operation of our client that it never submitted is doubled`() throws {
        let found = try audit(
            try rows([("a", Self.client, "x"), ("b", Self.client, "y")]), try submitted([("a", "x")]), text: "yx", at: 2
        )
        #expect(found.doubled == 1)
    }

    @Test func `An operation whose text is another is not converged`() throws {
        let found = try audit(try rows([("a", Self.client, "xx")]), try submitted([("a", "x")]), text: "xx", at: 1)
        #expect(!found.converged)
    }

    @Test func `An editor with another document is not converged`() throws {
        let found = try audit(try rows([("a", Self.client, "x")]), try submitted([("a", "x")]), text: "y", at: 1)
        #expect(!found.converged)
    }

    @Test func `An editor at another version than the log is not converged`() throws {
        let found = try audit(
            try rows([("a", Self.client, "x"), ("z", Self.other, "y")]), try submitted([("a", "x")]), text: "x", at: 1)
        #expect(!found.converged)
    }

    @Test func `A gap in the log and a wrong digest are not converged`() throws {
        var gap = try rows([("a", Self.client, "x"), ("z", Self.other, "y")])
        gap.removeFirst()
        #expect(!(try audit(gap, [:], text: "y", at: 2)).converged)
        var wrong = try rows([("a", Self.client, "x")])
        wrong[0].digest = Digest(rawValue: 1)
        #expect(!(try audit(wrong, try submitted([("a", "x")]), text: "x", at: 1)).converged)
    }
}
