package import CollabModel
package import Delta

/// The client's side of the protocol: one operation in flight, what is typed meanwhile composed, both moved over what
/// others do, nothing ever discarded (protocol.md, "Client to server" and "Closing").
///
/// The caller connects, sends and tells as the actions say, and gives back what happens with the time. Of two edits at
/// one place the one with the lower version stands to the left: what the server tells has priority over what is pending.
package struct ClientMachine: Sendable {
    /// How far the connection is.
    enum Connection: Sendable, Hashable {
        /// The application does not want to be connected.
        case idle
        /// Waits for the time to connect again (monotonic microseconds).
        case waiting(until: Int64)
        case connecting(since: Int64)
        /// The first message has not arrived.
        case opened(since: Int64)
        case catchingUp(head: Version)
        case live
        /// Connecting again would not help.
        case ended(CloseCode)
    }

    package let configuration: ClientConfiguration
    /// The id that the server gave or confirmed; `nil` before the first message.
    package internal(set) var clientID: ClientID?
    /// The version that the client has been told of last.
    package internal(set) var version = Version.initial
    /// The document as the user sees it: everything durable that was told, and every pending edit. `nil` before it arrived.
    package internal(set) var content: DocumentContent?
    package internal(set) var permission = Permission.view
    /// The others, with their presence in the user's document.
    package internal(set) var others = OtherClients()

    var connection = Connection.idle
    /// The order of the last attempt to connect.
    var order: ConnectionOrder
    var pending = PendingEdits()
    /// The document without what is pending; `nil` while nothing is pending.
    var confirmed: ConfirmedContent?
    var presence = Presence()
    var isPresenceUntold = false
    /// A whole document was asked for: until it arrives nothing about versions is taken.
    var isAwaitingResync = false
    /// Refusals of `invalid_operation` in a row: a few are answered by trying again on the server's document.
    var refusalsInARow = 0

    var operationBytes: Int
    let operationPrefix: String
    var operationCount: UInt64 = 0
    var backoff: Backoff
    var heardAt: Int64 = 0
    var pingedAt: Int64?
    var toldState: SaveState?
    var output: [ClientAction] = []
    var now: Int64 = 0

    /// - Parameters:
    ///   - clientID: an id that an earlier life of this client was given, to be the same client again.
    ///   - operationPrefix: makes this machine's operation ids unique among all machines with the same client id: random,
    ///     1 to 60 characters of ASCII.
    ///   - orderAbove: below the order of every connection of this machine and not below that of any earlier machine with
    ///     the same client id: milliseconds of the wall clock at the start serve.
    ///   - seed: of the jitter.
    package init(
        configuration: ClientConfiguration = .init(), clientID: ClientID? = nil, operationPrefix: String,
        orderAbove: ConnectionOrder = ConnectionOrder(0), seed: UInt64
    ) {
        self.configuration = configuration
        self.clientID = clientID
        self.operationPrefix = operationPrefix
        order = orderAbove
        operationBytes = configuration.operationBytes
        backoff = Backoff(
            firstMilliseconds: configuration.backoffMilliseconds,
            maximumMilliseconds: configuration.backoffMaximumMilliseconds, seed: seed)
    }

    package var isLive: Bool { connection == .live }
    /// Whether the server ended it for a reason that connecting again does not mend by itself.
    package var hasEnded: Bool { if case .ended = connection { true } else { false } }
    /// Whether every edit is durable.
    package var isSaved: Bool { pending.isEmpty }
    /// The operation in flight.
    package var operationInFlight: OperationID? { pending.inFlight?.id }
    package var saveState: SaveState {
        switch connection {
        case .live, .catchingUp: pending.isEmpty ? .saved : .saving
        case .idle, .waiting, .connecting, .opened, .ended: .offline
        }
    }

    /// The document without what is pending: what the server has at ``version``.
    package var confirmedContent: DocumentContent? {
        mutating get { confirmed == nil ? content : confirmed?.current }
    }

    /// Takes one input.
    ///
    /// - Parameter now: monotonic microseconds.
    package mutating func handle(_ input: ClientInput, now: Int64) -> [ClientAction] {
        self.now = now
        switch input {
        case .connect: connect()
        case .disconnect: disconnect()
        case .connected: connected()
        case .received(let message): received(message)
        case .connectionClosed(let code): closed(code)
        case .setPresence(let presence): setPresence(presence)
        case .tick: tick()
        }
        return finish()
    }

    /// Takes an edit of the user, made on ``content``.
    ///
    /// - Throws: ``EditError``; the machine is then unchanged.
    package mutating func edit(_ delta: Delta, now: Int64) throws(EditError) -> [ClientAction] {
        self.now = now
        guard let before = content else { throw .notReady }
        guard permission >= .edit else { throw .forbidden }
        do {
            try content?.apply(delta)
        } catch {
            throw .invalid(error)
        }
        if pending.isEmpty { confirmed = ConfirmedContent(before) }
        pending.add(delta)
        presence = presence.moved(over: delta, isOwn: true)
        others.move(over: delta, by: nil)
        if pending.isEmpty { confirmed = nil }
        sendNext()
        return finish()
    }

    private mutating func setPresence(_ presence: Presence) {
        guard presence != self.presence || isPresenceUntold else { return }
        self.presence = presence
        isPresenceUntold = true
        sendNext()
    }

    private mutating func finish() -> [ClientAction] {
        if toldState != saveState {
            toldState = saveState
            output.append(.tell(.saveState(saveState)))
        }
        let actions = output
        output = []
        return actions
    }

    mutating func tell(_ event: ClientEvent) { output.append(.tell(event)) }
}
