import CollabModel
import Delta
import DocumentCore
import Testing

/// An owner with its inputs written shortly, for tests that look at single steps.
struct OwnerFixture {
    var machine: OwnerMachine
    var now: Int64 = 0
    private(set) var actions: [OwnerAction] = []

    init(
        epoch: Int64 = 3, content: DocumentContent = DocumentContent(), version: Version = .initial,
        recent: [CommittedOperation] = [], limits: DocumentLimits = .init()
    ) {
        machine = OwnerMachine(
            document: sampleDocument, identity: identity(0), epoch: Epoch(epoch), content: content, version: version,
            recent: recent, limits: limits)
    }

    /// Gives inputs in one turn; ``actions`` holds what came of it.
    mutating func turn(_ inputs: OwnerInput...) {
        actions = machine.handle(batch: inputs, now: now, wallMicroseconds: now)
    }

    mutating func open(_ stream: Int, holds: StreamHello.Held? = nil) {
        turn(.streamOpened(StreamID(UInt64(stream)), hello(holds)))
    }

    func hello(_ holds: StreamHello.Held?) -> StreamHello {
        StreamHello(document: sampleDocument, gateway: identity(1), holds: holds)
    }

    /// Joins and returns the connection's number.
    @discardableResult
    mutating func join(
        _ client: Int, on stream: Int = 1, permission: Permission = .edit, order: UInt64? = nil,
        number: ConnectionNumber? = nil
    ) -> ConnectionNumber? {
        turn(
            .message(
                StreamID(UInt64(stream)),
                .join(
                    JoinRequest(
                        session: SessionToken(UInt64(client * 100 + stream)), clientID: clientID(client),
                        profile: profile(client), permission: permission, order: order.map(ConnectionOrder.init),
                        number: number, presence: Presence()))))
        for case .joined(let acceptance) in messages(to: stream) where acceptance.clientID == clientID(client) {
            return acceptance.connection
        }
        return nil
    }

    /// Joins and requires that a number was given.
    @discardableResult
    mutating func joined(
        _ client: Int, on stream: Int = 1, permission: Permission = .edit, order: UInt64? = nil,
        number: ConnectionNumber? = nil
    ) throws -> ConnectionNumber {
        let given = join(client, on: stream, permission: permission, order: order, number: number)
        return try #require(given)
    }

    /// Why joins were refused on a stream in the last turn.
    func refusedJoins(on stream: Int) -> [ErrorCode] {
        messages(to: stream).compactMap { if case .joinRefused(_, let code, _) = $0 { code } else { nil } }
    }

    func submission(
        _ client: Int, _ id: String, base: Int64, _ delta: Delta, _ number: ConnectionNumber, presence: Presence? = nil
    ) -> ReplicaMessage {
        .submit(
            Submission(
                clientID: clientID(client), connection: number, operationID: operationID(id), base: Version(base),
                delta: delta, presence: presence))
    }

    mutating func submit(
        _ client: Int, _ id: String, base: Int64, _ delta: Delta, on stream: Int = 1, _ number: ConnectionNumber,
        presence: Presence? = nil
    ) {
        turn(
            .message(
                StreamID(UInt64(stream)), submission(client, id, base: base, delta, number, presence: presence)))
    }

    /// Submits, answers a question to the log with `absent`, and leaves the append outstanding.
    mutating func submitNew(
        _ client: Int, _ id: String, base: Int64, _ delta: Delta, on stream: Int = 1, _ number: ConnectionNumber,
        presence: Presence? = nil
    ) {
        submit(client, id, base: base, delta, on: stream, number, presence: presence)
        if let question = lookUps.first { turn(.lookedUp(question, .absent)) }
    }

    mutating func appended(_ version: Int64) { turn(.appended(through: Version(version))) }

    func messages(to stream: Int) -> [OwnerMessage] {
        actions.compactMap { action in
            if case .send(let receiver, let message) = action, receiver.value == UInt64(stream) { message } else { nil }
        }
    }

    var appends: [[CommittedOperation]] {
        actions.compactMap { if case .append(let operations) = $0 { operations } else { nil } }
    }
    var lookUps: [QuestionID] {
        actions.compactMap { if case .lookUp(let question, _, _) = $0 { question } else { nil } }
    }
    var reads: [(question: QuestionID, after: Version, through: Version)] {
        actions.compactMap {
            if case .read(let question, let after, let through) = $0 { (question, after, through) } else { nil }
        }
    }
    var closes: [StreamEnd] {
        actions.compactMap { if case .close(_, let end) = $0 { end } else { nil } }
    }
    func commits(to stream: Int) -> [CommittedOperation] {
        messages(to: stream).flatMap { message -> [CommittedOperation] in
            if case .commits(let batch) = message { batch.operations } else { [] }
        }
    }
    func acknowledgements(to stream: Int) -> [(OperationID, Version)] {
        messages(to: stream).compactMap {
            if case .acknowledged(_, _, let id, let version, _) = $0 { (id, version) } else { nil }
        }
    }
    func rejections(to stream: Int) -> [ErrorCode] {
        messages(to: stream).compactMap { if case .rejected(_, _, _, let code, _) = $0 { code } else { nil } }
    }
    /// Where the metrics are told that operations were rejected.
    var rejectionStages: [RejectionStage] {
        actions.compactMap { if case .observe(.rejected(let stage, _, _)) = $0 { stage } else { nil } }
    }
    func presences(to stream: Int) -> [Presence] {
        messages(to: stream).compactMap { if case .presence(_, _, let presence) = $0 { presence } else { nil } }
    }
}
