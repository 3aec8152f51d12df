import CollabModel
import Delta
import DocumentCore
import JSON
import Testing

/// A client with a made-up server that says what the test says.
struct ClientFixture {
    var machine: ClientMachine
    var now: Int64 = 0
    private(set) var actions: [ClientAction] = []

    init(_ configuration: ClientConfiguration = .init()) {
        machine = ClientMachine(configuration: configuration, operationPrefix: "op", seed: 1)
    }

    mutating func give(_ input: ClientInput) { actions = machine.handle(input, now: now) }
    mutating func say(_ message: ServerMessage) { give(.received(message)) }
    mutating func edit(_ delta: Delta) throws { actions = try machine.edit(delta, now: now) }

    /// Connects and takes a document of version 0.
    static func live(_ text: String = "\n", _ configuration: ClientConfiguration = .init()) -> ClientFixture {
        var client = ClientFixture(configuration)
        client.give(.connect)
        client.give(.connected)
        client.say(.initial(client.whole(.inserting(text), 0)))
        return client
    }

    func whole(_ content: Delta, _ version: Int64, last: String? = nil) -> WholeDocument {
        WholeDocument(
            version: Version(version), content: content, digest: Digest(of: content),
            lastOperationID: last.map { operationID($0) },
            session: SessionFacts(clientID: clientID(1), clients: [], permission: .edit, operationBytes: nil))
    }

    func remote(_ version: Int64, _ delta: Delta, by client: Int = 2, id: String? = nil) -> RemoteOperation {
        RemoteOperation(
            clientID: clientID(client), operationID: id.map { operationID($0) }, version: Version(version), delta: delta
        )
    }

    mutating func catchUp(_ operations: [RemoteOperation], from version: Int64, head: Int64) {
        say(
            .catchUp(
                CatchUp(
                    version: operations.last?.version ?? Version(version), operations: operations, digest: nil,
                    head: Version(head),
                    session: SessionFacts(clientID: clientID(1), clients: [], permission: .edit, operationBytes: nil))))
    }

    mutating func ack(_ id: String, _ version: Int64, digest: Digest? = nil) {
        say(.acknowledged(operationID(id), Version(version), digest))
    }

    mutating func reconnect() -> ResumePosition? {
        give(.connectionClosed(code: 1001))
        now += 1_000_000
        give(.tick)
        let position = actions.compactMap { if case .open(let position) = $0 { position } else { nil } }.first
        give(.connected)
        return position ?? nil
    }

    var text: String { machine.content?.text ?? "" }
    var sent: [ClientMessage] { actions.compactMap { if case .send(let message) = $0 { message } else { nil } } }
    var operations: [(id: String, base: Int64, delta: Delta)] {
        sent.compactMap {
            if case .operation(let id, let base, let delta, _) = $0 { (id.text, base.value, delta) } else { nil }
        }
    }
    var events: [ClientEvent] { actions.compactMap { if case .tell(let event) = $0 { event } else { nil } } }
    var states: [SaveState] { events.compactMap { if case .saveState(let state) = $0 { state } else { nil } } }
}

@Suite("A client loses no edit and shows what the server has")
struct ClientMachineTests {
    @Test("One operation is in flight; what is typed meanwhile goes out composed, after its ack")
    func oneInFlight() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        #expect(client.operations.map(\.id) == ["op-1"])
        try client.edit(.inserting("b", at: 1))
        #expect(client.operations.isEmpty)
        try client.edit(.inserting("c", at: 2))
        client.ack("op-1", 1)
        #expect(client.operations.map(\.delta) == [.inserting("bc", at: 1)])
        #expect(client.operations.map(\.base) == [1])
        client.ack("op-2", 2)
        #expect(client.states == [.saved])
        #expect(client.text == "abc\n")
    }

    @Test("What the server tells came first: at one place it stands to the left of what is pending")
    func priority() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("mine"))
        try client.edit(.inserting("!", at: 4))
        client.say(.operations([client.remote(1, .inserting("theirs"))]))
        #expect(client.text == "theirsmine!\n")
        client.ack("op-1", 2)
        #expect(client.operations.map(\.delta) == [.inserting("!", at: 10)])
    }

    @Test(
        "An operation without an ack is sent again after five seconds, under the same id, at the version that is held")
    func resend() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        client.now = 4_000_000
        client.say(.operations([client.remote(1, .inserting("x"))]))
        client.now = 5_000_000
        client.give(.tick)
        #expect(client.operations.map(\.id) == ["op-1"])
        #expect(client.operations.map(\.base) == [1])
        #expect(client.operations.map(\.delta) == [.inserting("a", at: 1)])
    }

    @Test("Four seconds of silence are asked about, ten are a lost connection")
    func silence() {
        var client = ClientFixture.live()
        client.now = 4_000_000
        client.give(.tick)
        #expect(client.sent == [.ping])
        client.now = 10_000_000
        client.give(.tick)
        #expect(client.actions.contains { if case .close = $0 { true } else { false } })
        #expect(client.states == [.offline])
    }

    @Test("A lost connection keeps the edits: they are moved over the catch-up and sent again under the same id")
    func resume() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        try client.edit(.inserting("b", at: 1))
        let position = client.reconnect()
        #expect(position?.version == .initial && position?.clientID == clientID(1))
        try client.edit(.inserting("c", at: 2))
        #expect(client.operations.isEmpty)
        client.catchUp([client.remote(1, .inserting("x"))], from: 0, head: 2)
        #expect(client.operations.isEmpty, "the catch-up goes on")
        client.say(.operations([client.remote(2, .inserting("y"))]))
        #expect(client.text == "yxabc\n")
        #expect(client.operations.map(\.id) == ["op-1"])
        #expect(client.operations.map(\.base) == [2])
    }

    @Test("An operation that the catch-up contains is acknowledged by it and not sent again")
    func acknowledgedByCatchUp() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        _ = client.reconnect()
        client.catchUp(
            [client.remote(1, .inserting("x")), client.remote(2, .inserting("a", at: 1), by: 1, id: "op-1")], from: 0,
            head: 2)
        #expect(client.operations.isEmpty)
        #expect(client.text == "xa\n")
        #expect(client.machine.isSaved)
    }

    @Test("A further ack of the same operation changes nothing")
    func doubleAck() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        client.ack("op-1", 1)
        client.ack("op-1", 1)
        #expect(client.actions.isEmpty)
    }

    @Test("A gap, an ack of an operation that it has never seen, and another digest make it ask for the document")
    func divergence() throws {
        for fault in 0..<3 {
            var client = ClientFixture.live()
            try client.edit(.inserting("a"))
            switch fault {
            case 0: client.say(.operations([client.remote(3, .inserting("x"))]))
            case 1: client.ack("another", 1)
            default: client.ack("op-1", 1, digest: Digest(rawValue: 1))
            }
            #expect(client.sent == [.resync], "fault \(fault)")
            client.say(.operations([client.remote(1, .inserting("x"))]))
            #expect(client.actions.isEmpty, "nothing is taken before the document arrives")
        }
    }

    @Test("An operation that may be tried again later is, under the same id")
    func unavailable() throws {
        var client = ClientFixture.live()
        try client.edit(.inserting("a"))
        client.say(.error(.unavailable, "later", operationID("op-1")))
        #expect(client.sent.isEmpty)
        client.now = 500_000
        client.give(.tick)
        #expect(client.operations.map(\.id) == ["op-1"])
    }

    @Test(
        "Codes that connecting again does not mend end it; a leaving node is left at once; the rest waits longer and longer"
    )
    func closing() {
        for code in [CloseCode.unauthorized, .forbidden, .notFound, .replaced, .deleted] {
            var client = ClientFixture.live()
            client.give(.connectionClosed(code: code.rawValue))
            #expect(client.machine.deadline == nil)
        }
        var client = ClientFixture.live()
        client.give(.connectionClosed(code: CloseCode.nodeLeaving.rawValue))
        #expect((client.machine.deadline ?? .max) <= 20_000)
        var waits: [Int64] = []
        client = ClientFixture.live()
        for _ in 0..<10 {
            client.give(.connectionClosed(code: nil))
            let deadline = client.machine.deadline ?? 0
            waits.append(deadline - client.now)
            client.now = deadline
            client.give(.tick)
        }
        #expect(waits[0] >= 50_000 && waits[0] <= 100_000)
        #expect(waits[9] >= 5_000_000 && waits[9] <= 10_000_000)
    }

    @Test("Presence is sent with nothing in flight, or with the operation")
    func presence() throws {
        var client = ClientFixture.live("hello\n")
        client.give(.setPresence(Presence(cursor: 2)))
        #expect(client.sent == [.presence(.initial, Presence(cursor: 2))])
        try client.edit(.inserting("a", at: 2))
        client.give(.setPresence(Presence(cursor: 1)))
        #expect(client.sent.isEmpty)
        client.say(.operations([client.remote(1, .inserting("x"))]))
        client.ack("op-1", 2)
        #expect(client.sent == [.presence(Version(2), Presence(cursor: 2))])
    }

    @Test("Others are shown where they are in the user's document")
    func presenceOfOthers() throws {
        var client = ClientFixture.live("hello\n")
        client.say(.clientJoined(ClientEntry(clientID: clientID(2), profile: profile(2), presence: Presence())))
        try client.edit(.inserting("abc"))
        client.say(.cursor(clientID(2), .initial, 2))
        #expect(client.machine.others[clientID(2)]?.presence == Presence(cursor: 5))
        try client.edit(.deleting(1))
        #expect(client.machine.others[clientID(2)]?.presence == Presence(cursor: 4))
    }

    @Test("An edit above the server's limit goes out in parts that fit and make the same document")
    func splitting() throws {
        var configuration = ClientConfiguration()
        configuration.operationBytes = 120
        var client = ClientFixture.live("\n", configuration)
        var delta = Delta()
        delta.insert(String(repeating: "a😀", count: 60), attributes: ["bold": true])
        delta.delete(1)
        delta.insert("\n")
        try client.edit(delta)
        var server = DocumentContent()
        var version: Int64 = 0
        while let operation = client.operations.first {
            #expect(operation.delta.jsonUTF8.count <= 120)
            try server.apply(operation.delta)
            version += 1
            client.ack(operation.id, version, digest: server.digest)
        }
        #expect(version > 5)
        #expect(server.digest == client.machine.content?.digest)
        #expect(client.machine.isSaved)
    }

    @Test("Every attempt to connect has a higher order than all before")
    func orders() {
        var machine = ClientMachine(operationPrefix: "op", orderAbove: ConnectionOrder(70), seed: 1)
        let orders = (0..<3).map { _ in machine.takeOrder() }
        #expect(orders == [71, 72, 73].map(ConnectionOrder.init))
    }

    @Test("An edit that is invalid, forbidden or too early is refused and changes nothing")
    func refusedEdits() throws {
        var early = ClientFixture()
        #expect(throws: EditError.notReady) { try early.edit(.inserting("a")) }
        var client = ClientFixture.live()
        #expect(throws: EditError.self) { try client.edit(.inserting("a", at: 9)) }
        client.say(.permission(.view))
        #expect(throws: EditError.forbidden) { try client.edit(.inserting("a")) }
        #expect(client.text == "\n" && client.machine.isSaved)
    }
}
