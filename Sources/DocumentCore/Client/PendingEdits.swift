import CollabModel
import Delta

/// What a client has done and does not know to be durable: one operation in flight and what was typed since.
struct PendingEdits: Sendable {
    struct InFlight: Sendable {
        var id: OperationID
        /// The operation, moved to the client's version.
        var delta: Delta
        /// Where the client is after it, if nothing has been typed since.
        var presence: Presence?
        /// When it was sent last on the present connection (monotonic microseconds); `nil`: not yet on this one.
        var sentAt: Int64?
        /// Not to be sent again before this time, after `unavailable` or `rate_limited`.
        var retryAt: Int64?
        /// Whether ``delta`` was moved over a difference of documents since it was sent: the server may commit the form that
        /// it was sent in first, which need not be this one.
        var isRebased = false
    }

    /// An operation whose edit goes out again under another id, because this one was refused.
    struct Refused: Sendable {
        var id: OperationID
        /// The operation, moved to the client's version.
        var delta: Delta
    }

    var inFlight: InFlight?
    /// What was typed since, composed; based on the document after the operation in flight.
    var buffer: Delta?
    /// The refused ones that may still be applied from an older copy: since the last acknowledgement, oldest first.
    var refused: [Refused] = []

    var isEmpty: Bool { inFlight == nil && buffer == nil }

    /// Whether an operation of this client is known here in a form that the server need not have committed.
    func isApproximate(_ id: OperationID) -> Bool {
        if let inFlight, inFlight.id == id { return inFlight.isRebased }
        return refused.contains { $0.id == id }
    }

    /// Takes an edit of the user.
    mutating func add(_ edit: Delta) {
        let composed = buffer?.compose(edit) ?? edit
        buffer = composed.isEmpty ? nil : composed
    }

    /// Takes the operation in flight, which was refused, back into the buffer.
    mutating func takeBack() {
        guard let inFlight else { return }
        refused.append(Refused(id: inFlight.id, delta: inFlight.delta))
        withdraw()
    }

    /// Puts the edit of the operation in flight back in front of the buffer, to go out under another id.
    mutating func withdraw() {
        guard let inFlight else { return }
        buffer = buffer.map { inFlight.delta.compose($0) } ?? inFlight.delta
        self.inFlight = nil
    }

    /// The operation in flight is durable, and no older one of this client will be applied now; or it is given up.
    mutating func settle() {
        inFlight = nil
        refused = []
    }

    /// Moves everything over an operation that came first, and gives that operation as the user's document has to take it.
    mutating func advance(over earlier: Delta) -> Delta {
        for index in refused.indices {
            refused[index].delta = earlier.transform(refused[index].delta, priority: true)
        }
        var change = earlier
        if let delta = inFlight?.delta {
            inFlight?.delta = change.transform(delta, priority: true)
            change = delta.transform(change, priority: false)
        }
        if let delta = buffer {
            let moved = change.transform(delta, priority: true)
            change = delta.transform(change, priority: false)
            buffer = moved.isEmpty ? nil : moved
        }
        return change
    }

    /// A presence at the confirmed document, as it is in the user's document.
    func moved(_ presence: Presence) -> Presence {
        var result = presence
        if let delta = inFlight?.delta { result = result.moved(over: delta, isOwn: false) }
        if let delta = buffer { result = result.moved(over: delta, isOwn: false) }
        return result
    }
}

/// The document without what is pending, kept beside the user's document only while something is pending.
///
/// Operations are applied to it when it is asked for: mostly what is pending is acknowledged before that, and then the
/// user's document is the confirmed one.
struct ConfirmedContent: Sendable {
    private var content: DocumentContent
    private var behind: [Delta] = []
    private static let mostBehind = 128

    init(_ content: DocumentContent) { self.content = content }

    /// Takes an operation that has become durable; `false`: it does not apply, so the content is not the server's.
    mutating func advance(over operation: Delta) -> Bool {
        behind.append(operation)
        return behind.count < Self.mostBehind || current != nil
    }

    /// The document; `nil`: an operation did not apply.
    var current: DocumentContent? {
        mutating get {
            for operation in behind {
                do {
                    try content.apply(operation)
                } catch {
                    return nil
                }
            }
            behind.removeAll(keepingCapacity: true)
            return content
        }
    }
}
