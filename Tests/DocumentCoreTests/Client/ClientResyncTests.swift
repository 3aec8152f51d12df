import CollabModel
import Delta
import DocumentCore
import Testing

@Suite("A client brings what is pending over to a whole document")
struct ClientResyncTests {
    @Test("A whole document that contains the operation in flight drops that one and keeps what was typed since")
    func resyncWithInFlight() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        try client.edit(.inserting("b", at: 1))
        client.say(.resync(client.whole(.inserting("xa\n"), 2, last: "op-1"), reason: "requested", rejected: nil))
        #expect(client.text == "xab\n")
        #expect(client.operations.map(\.delta) == [.inserting("b", at: 2)])
        #expect(client.operations.map(\.id) == ["op-2"])
    }

    @Test("A whole document without it keeps the operation in flight and others' edits, by the difference")
    func resyncWithoutInFlight() throws {
        var client = ClientFixture.live("hello\n")
        try client.edit(.inserting("!", at: 5))
        client.say(.resync(client.whole(.inserting("oh hello\n"), 4), reason: "requested", rejected: nil))
        #expect(client.text == "oh hello!\n")
        #expect(client.operations.map(\.id) == ["op-1"])
        #expect(client.operations.map(\.base) == [4])
    }

    /// A client whose operation in flight was moved over the difference of two documents, which is not how the server
    /// moved the copy that it had already: the one holds "aXaa", the other "aaXa". "Y" was typed since.
    private func rebasedOtherwise() throws -> ClientFixture {
        var client = ClientFixture.live("aa\n")
        try client.edit(.inserting("X", at: 1))
        client.say(.resync(client.whole(.inserting("aaa\n"), 1), reason: "requested", rejected: nil))
        try client.edit(.inserting("Y", at: 0))
        #expect(client.text == "YaXaa\n")
        return client
    }

    @Test("The ack of an operation that was moved by a difference is checked although more is pending")
    func rebasedAck() throws {
        var client = try rebasedOtherwise()
        client.ack("op-1", 2, digest: Digest(of: .inserting("aaXa\n")))
        #expect(client.sent == [.resync])
        client.say(.resync(client.whole(.inserting("aaXa\n"), 2, last: "op-1"), reason: "requested", rejected: nil))
        #expect(client.text == "YaaXa\n")
        #expect(client.operations.map(\.delta) == [.inserting("Y")])
    }

    @Test("Its commit is taken as the server has it")
    func rebasedCommit() throws {
        var client = try rebasedOtherwise()
        client.say(.operations([client.remote(2, .inserting("X", at: 2), by: 1, id: "op-1")]))
        #expect(client.text == "YaaXa\n")
        #expect(client.operations.map(\.delta) == [.inserting("Y")])
    }

    @Test("An operation that does not fit leaves what is pending in its place until the whole document comes")
    func unfitting() throws {
        var client = ClientFixture.live("🙂🙂\n")
        try client.edit(.inserting("!", at: 4))
        client.say(.operations([client.remote(1, .inserting("?", at: 1))]))
        #expect(client.sent == [.resync])
        client.say(.resync(client.whole(.inserting("??🙂🙂\n"), 2), reason: "requested", rejected: nil))
        #expect(client.text == "??🙂🙂!\n")
        #expect(client.events.contains { if case .refused = $0 { true } else { false } } == false)
    }

    @Test("A refused edit is taken back and told; what was typed on top of it stays")
    func refused() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("abc"))
        try client.edit(.inserting("X", at: 1))
        client.say(.resync(client.whole(.inserting("\n"), 0), reason: "too_large", rejected: operationID("op-1")))
        #expect(client.text == "X\n")
        let refused = client.events.compactMap { if case .refused(let delta, _) = $0 { delta } else { nil } }
        #expect(refused == [.inserting("abc")])
        #expect(client.operations.map(\.id) == ["op-2"])
    }

    @Test("An edit that was invalid on the server's document is tried again on it under a new id, not for ever")
    func invalid() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("abc"))
        for attempt in 1...3 {
            client.say(
                .resync(
                    client.whole(.inserting("\n"), 0), reason: "invalid_operation",
                    rejected: operationID("op-\(attempt)")))
            #expect(client.operations.map(\.id) == ["op-\(attempt + 1)"])
            #expect(client.text == "abc\n")
        }
        client.say(
            .resync(client.whole(.inserting("\n"), 0), reason: "invalid_operation", rejected: operationID("op-4")))
        #expect(client.operations.isEmpty)
        #expect(client.text == "\n")
    }

    /// A client that typed "abc", which was refused as `op-1` and went out again as `op-2` together with "d".
    private func refusedAndSentAgain() throws -> ClientFixture {
        var client = ClientFixture.live("x\n")
        try client.edit(.inserting("abc"))
        try client.edit(.inserting("d", at: 3))
        client.say(
            .resync(client.whole(.inserting("x\n"), 0), reason: "invalid_operation", rejected: operationID("op-1")))
        #expect(client.operations.map(\.id) == ["op-2"])
        #expect(client.text == "abcdx\n")
        return client
    }

    @Test("A refused operation that is applied after all is not applied twice: only what is beyond it goes out again")
    func refusedAndAppliedAsOperation() throws {
        var client = try refusedAndSentAgain()
        client.say(.operations([client.remote(1, .inserting("y"))]))
        client.say(.operations([client.remote(2, .inserting("abc", at: 1), by: 1, id: "op-1")]))
        #expect(client.text == "yabcdx\n")
        #expect(client.operations.map(\.id) == ["op-3"])
        #expect(client.operations.map(\.base) == [2])
        #expect(client.operations.map(\.delta) == [.inserting("d", at: 4)])
        // The answer to what was sent in its place.
        client.say(.error(.conflict, "", operationID("op-2")))
        #expect(client.events.isEmpty)
        client.say(.resync(client.whole(.inserting("yabcx\n"), 2, last: "op-1"), reason: "conflict", rejected: nil))
        #expect(client.text == "yabcdx\n")
        client.ack("op-3", 3)
        #expect(client.machine.isSaved)
    }

    @Test("The same where a whole document tells it")
    func refusedAndAppliedInContent() throws {
        var client = try refusedAndSentAgain()
        client.say(.resync(client.whole(.inserting("abcx!\n"), 2, last: "op-1"), reason: "conflict", rejected: nil))
        #expect(client.text == "abcdx!\n")
        #expect(client.operations.map(\.delta) == [.inserting("d", at: 3)])
    }

    @Test("Once a later operation is acknowledged, the refused one is as unknown as any")
    func refusedAndGoneOn() throws {
        var client = try refusedAndSentAgain()
        client.ack("op-2", 1)
        #expect(client.machine.isSaved)
        client.say(.operations([client.remote(2, .inserting("z"), by: 1, id: "op-1")]))
        #expect(client.text == "zabcdx\n")
        #expect(client.sent.isEmpty)
    }
}
