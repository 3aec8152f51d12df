internal import DequeModule
internal import PeerProtocol
internal import RuntimePorts

/// The streams on one connection between nodes, as one of its sides holds them.
final class PeerStreams {
    let connection: SimulatedConnection
    let side: Int
    let bound: Int
    let encodes: Bool
    private var ends: [Int: any StreamEndpoint] = [:]
    private var count = 0
    /// Told once, when the connection is lost.
    var onEnd: ((PeerFailure) -> Void)?
    var scheduler: SimulatedScheduler { connection.scheduler }

    init(connection: SimulatedConnection, side: Int, bound: Int, encodes: Bool) {
        self.connection = connection
        self.side = side
        self.bound = bound
        self.encodes = encodes
        connection.sides[side].onEnd = { [self] in ended($0) }
        connection.sides[side].onSilence = { [self] in silenceChanged($0) }
    }

    /// Makes a stream between the two sides of one connection.
    static func connect(_ replica: PeerStreams, _ owner: PeerStreams) -> (
        replica: SimulatedStreamEnd<ReplicaFrame, OwnerFrame>, owner: SimulatedStreamEnd<OwnerFrame, ReplicaFrame>
    ) {
        let near = SimulatedStreamEnd<ReplicaFrame, OwnerFrame>(replica)
        let far = SimulatedStreamEnd<OwnerFrame, ReplicaFrame>(owner)
        near.other = far
        far.other = near
        return (near, far)
    }

    func add(_ end: any StreamEndpoint) -> Int {
        count += 1
        ends[count] = end
        return count
    }

    func forget(_ number: Int) { ends[number] = nil }

    /// The process has ended: nothing is told to anybody here.
    func abandon() {
        onEnd = nil
        let abandoned = ends
        ends = [:]
        for number in abandoned.keys.sorted() { abandoned[number]?.abandon() }
    }

    private func ended(_ end: ConnectionEnd) {
        let failure: PeerFailure = end == .silent ? .silent : .closed
        let tell = onEnd
        onEnd = nil
        tell?(failure)
        let ending = ends
        ends = [:]
        for number in ending.keys.sorted() { ending[number]?.connectionEnded(failure) }
    }

    private func silenceChanged(_ isSilent: Bool) {
        for number in ends.keys.sorted() { ends[number]?.silenceChanged(isSilent) }
    }
}

/// What a connection tells the ends of its streams.
protocol StreamEndpoint: AnyObject {
    func connectionEnded(_ failure: PeerFailure)
    func silenceChanged(_ isSilent: Bool)
    func abandon()
}

/// One end of a stream. Sound although unchecked: a simulation has one thread.
final class SimulatedStreamEnd<Outgoing: PeerFramed & Sendable, Incoming: PeerFramed & Sendable>: PeerStream,
    StreamEndpoint,
    @unchecked Sendable
{
    private let streams: PeerStreams
    private var number = 0
    private var isOpen = true
    private var isReading = true
    private var handler: (@Sendable (PeerStreamEvent<Incoming>) -> Void)?
    /// Messages, and behind them the end, that nobody has taken yet.
    private var held = Deque<PeerStreamEvent<Incoming>>()
    /// What was sent and has not arrived.
    private var onTheWay = 0
    /// The other end; let go when this one ends.
    var other: SimulatedStreamEnd<Incoming, Outgoing>?

    init(_ streams: PeerStreams) {
        self.streams = streams
        number = streams.add(self)
    }

    // MARK: The port

    func send(_ message: Outgoing) -> Bool {
        guard isOpen, let other else { return false }
        tell(message)
        guard onTheWay < streams.bound else {
            streams.connection.send(from: streams.side) { other.receive(.ended(.overflow)) }
            leave(telling: .overflow)
            return false
        }
        onTheWay += 1
        let carried = streams.encodes ? Self.throughCodec(message) : message
        guard let carried else { return false }
        streams.connection.send(from: streams.side) { [self] in
            onTheWay -= 1
            other.receive(.message(carried))
        }
        return true
    }

    func close() {
        guard isOpen else { return }
        if let other { streams.connection.send(from: streams.side) { other.receive(.ended(.closed)) } }
        leave()
    }

    func pauseReading() { isReading = false }

    func resumeReading() {
        isReading = true
        deliverHeld()
    }

    // MARK: Receiving

    func deliver(to handler: @escaping @Sendable (PeerStreamEvent<Incoming>) -> Void) {
        guard isOpen else { return }
        self.handler = handler
        deliverHeld()
    }

    func receive(_ event: PeerStreamEvent<Incoming>) {
        guard isOpen else { return }
        held.append(event)
        deliverHeld()
    }

    func connectionEnded(_ failure: PeerFailure) {
        guard isOpen else { return }
        held.removeAll()
        isReading = true
        receive(.ended(failure))
    }

    func silenceChanged(_ isSilent: Bool) {
        if isOpen { handler?(isSilent ? .silent : .heard) }
    }

    func abandon() { leave() }

    private func deliverHeld() {
        while isReading, let handler, let event = held.popFirst() {
            if case .ended = event { leave() }
            handler(event)
        }
    }

    /// Ends here, without a word to the other end; the handler is told only of an overflow, and not within its own call.
    private func leave(telling failure: PeerFailure? = nil) {
        let handler = handler
        isOpen = false
        self.handler = nil
        other = nil
        held.removeAll()
        streams.forget(number)
        if let failure, let handler {
            let side = streams.connection.sides[streams.side]
            streams.scheduler.after(0, as: side.process) { handler(.ended(failure)) }
        }
    }

    private func tell(_ message: Outgoing) {
        let sides = streams.connection.sides
        streams.scheduler.tell { names in
            let words =
                switch message {
                case let frame as ReplicaFrame: names.words(frame)
                case let frame as OwnerFrame: names.words(frame)
                default: String?.none
                }
            return words.map { "\(sides[streams.side].host.name) → \(sides[1 - streams.side].host.name): \($0)" }
        }
    }

    private static func throughCodec(_ message: Outgoing) -> Outgoing? { try? Outgoing(frame: message.encodedFrame) }
}
