package import CollabModel
package import Delta
import DocumentCore
package import NIOCore
import Randomness
import SessionProtocol

/// A session, confined to its event loop: the client machine, its connection, its timers.
///
/// Every call is made on the loop; ``CollabSession`` is the way in from elsewhere.
package final class SessionCore {
    package let eventLoop: any EventLoop
    package let document: DocumentID
    let options: SessionOptions
    var machine: ClientMachine
    /// Is told of everything, first.
    package var observer: (any SessionObserver)?
    /// Is told of every message, where somebody records.
    package var tap: (any FrameTap)?
    /// Takes the events for the application.
    var tell: ((CollabEvent) -> Void)?
    /// Ends the events for the application.
    var finish: (() -> Void)?

    var endpoints: EndpointRotation
    private let plain: WebSocketConnector
    private let secure: WebSocketConnector?
    var link: SessionChannelHandler?
    /// Counts attempts to connect.
    var attempt: UInt64 = 0
    /// What the present attempt asks for.
    private var resume: ResumePosition?
    private var openTimer: Scheduled<Void>?
    /// Whether the present connection has brought its first message.
    var isIntroduced = false
    var hasBeenConnected = false
    var lastQuickReconnect: NIODeadline?
    var jitter: SplitMix64

    private var tickTimer: Scheduled<Void>?
    private var tickTime: Int64?
    private var actions: [ClientAction] = []
    private var isPerforming = false
    /// Whether the message that is being taken tells the exact version of what it acknowledges.
    var isExact = true
    private var lastSubmitted: OperationID?
    private var toldSelection: SelectionRange?

    var waiters: [SessionWaiter] = []
    var waiterCount: UInt64 = 0
    var endedBy: CloseCode?
    var isClosed = false
    var savedState = CollabState.offline

    /// - Throws: ``SessionError/invalidURL(_:)``, or what NIOSSL throws for the TLS configuration.
    package init(
        document: DocumentID, urls: [String], options: SessionOptions, observer: (any SessionObserver)?,
        on eventLoop: any EventLoop
    ) throws {
        let nodes = try urls.map { url throws(SessionError) in try NodeEndpoint(url) }
        guard !nodes.isEmpty else { throw SessionError.invalidURL("(none)") }
        self.eventLoop = eventLoop
        self.document = document
        self.options = options
        self.observer = observer
        endpoints = EndpointRotation(nodes)
        plain = try WebSocketConnector(options, isSecure: false)
        secure = nodes.contains(where: \.isSecure) ? try WebSocketConnector(options, isSecure: true) : nil
        var system = SystemRandomNumberGenerator()
        jitter = SplitMix64(seed: options.seed ?? system.next())
        // Unique also among sessions with the same seed: the id must never have been used by this client.
        let prefix = String(system.next(), radix: 36)
        machine = ClientMachine(
            configuration: ClientConfiguration(options), clientID: options.clientID, operationPrefix: prefix,
            orderAbove: .now, seed: jitter.next())
    }

    var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000) }

    /// Begins to connect, and goes on until ``close()``.
    package func start() { perform(machine.handle(.connect, now: now)) }

    /// Ends the connection. Unsaved edits stay in the content.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        openTimer?.cancel()
        perform(machine.handle(.disconnect, now: now))
        tickTimer?.cancel()
        attempt += 1
        link = nil
        checkWaiters()
        finish?()
        tell = nil
        finish = nil
    }

    // MARK: The document

    package var content: DocumentContent? { machine.content }
    package var version: Version { machine.version }
    package var clientID: ClientID? { machine.clientID }
    package var permission: Permission { machine.permission }
    package var participants: [Participant] {
        machine.others.all.map { Participant($0.clientID, $0.profile, $0.presence) }
    }
    package var isSaved: Bool { machine.isSaved }
    package var state: CollabState { savedState }
    /// Whether an operation is on its way: what is typed now waits and is composed.
    package var isSubmitting: Bool { machine.operationInFlight != nil }

    /// Takes an edit made on ``content``.
    package func edit(_ delta: Delta) throws(SessionError) {
        let actions: [ClientAction]
        do {
            actions = try machine.edit(delta, now: now)
        } catch {
            switch error {
            case .notReady: throw .notReady
            case .forbidden: throw .forbidden
            case .invalid(let reason): throw .invalidEdit("\(reason)")
            }
        }
        perform(actions)
    }

    /// Says where the user is, in the document with his edits.
    package func setPresence(_ presence: Presence) { perform(machine.handle(.setPresence(presence), now: now)) }

    // MARK: Performing

    func handle(_ input: ClientInput) { perform(machine.handle(input, now: now)) }

    /// Performs actions in the order in which the machine gave them, also when an observer edits meanwhile.
    func perform(_ more: [ClientAction], timersMayWait: Bool = false) {
        if isPerforming {
            actions += more
            return
        }
        isPerforming = true
        for action in more { perform(action) }
        while !actions.isEmpty {
            let next = actions
            actions = []
            for action in next { perform(action) }
        }
        isPerforming = false
        if !timersMayWait || tickTimer == nil { armTimer() }
        if !waiters.isEmpty { checkWaiters() }
    }

    private func perform(_ action: ClientAction) {
        switch action {
        case .open(let position):
            resume = position
            connect()
        case .close(let code):
            openTimer?.cancel()
            let url = endpoints.current.url
            tap?.closed(attempt, code: nil)
            attempt += 1
            let old = link
            link = nil
            old?.close(code)
            endpoints.advance()
            if !isClosed { observer?.disconnected(from: url, code: nil, reason: "silent for too long") }
        case .send(let message): send(message)
        case .tell(let event): deliver(event)
        }
    }

    private func send(_ message: ClientMessage) {
        switch message {
        case .operation(let id, let base, let delta, let presence):
            send(ClientFrame.operation(id, base: base, delta, presence))
            observer?.submitted(id, delta: delta, isResend: id == lastSubmitted)
            lastSubmitted = id
        case .presence(let version, let presence):
            send(ClientFrame.cursor(version, presence.cursor))
            if presence.selection != toldSelection || presence.selection != nil {
                send(ClientFrame.selection(version, presence.selection))
            }
            toldSelection = presence.selection
        case .resync: send(ClientFrame.resync)
        case .ping: send(ClientFrame.ping)
        }
    }

    private func send(_ frame: ClientFrame) {
        guard let link else { return }
        tap?.sending(frame, on: link.attempt)
        link.send(frame.jsonUTF8)
    }

    // MARK: Timers

    /// The machine's deadlines mostly move on: a timer that is due earlier than needed is left and looks again then.
    private func armTimer() {
        guard !isClosed, let deadline = machine.deadline else { return }
        if let tickTime, tickTime <= deadline { return }
        tickTimer?.cancel()
        tickTime = deadline
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        tickTimer = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, deadline)) * 1_000)) {
            core.value.tick()
        }
    }

    private func tick() {
        tickTimer = nil
        tickTime = nil
        let now = now
        if let deadline = machine.deadline, deadline > now {
            armTimer()
        } else {
            perform(machine.handle(.tick, now: now))
        }
    }

    // MARK: Connecting

    func connect() {
        attempt += 1
        isIntroduced = false
        let number = attempt
        let endpoint = endpoints.current
        let connector = endpoint.isSecure ? secure ?? plain : plain
        let target = endpoint.target(of: document, options, resume: resume, as: machine.clientID, machine.takeOrder())
        tap?.opening(number, to: endpoint.url, as: resume?.clientID ?? machine.clientID, from: resume?.version)
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        let frameBytes = options.frameBytes
        openTimer?.cancel()
        openTimer = eventLoop.scheduleTask(in: .milliseconds(options.openMilliseconds)) {
            core.value.failed(number, reason: "no first message within \(core.value.options.openMilliseconds) ms")
        }
        connector.connect(to: endpoint, target: target, on: eventLoop) {
            SessionChannelHandler(core: core.value, attempt: number, frameBytes: frameBytes)
        }.whenFailure { error in core.value.failed(number, reason: "\(error)") }
    }

    func introduced() {
        isIntroduced = true
        openTimer?.cancel()
        openTimer = nil
        endpoints.succeeded()
        observer?.connected(to: endpoints.current.url, isReconnect: hasBeenConnected)
        hasBeenConnected = true
    }
}
