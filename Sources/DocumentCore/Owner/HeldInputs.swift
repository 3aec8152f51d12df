import CollabModel
import DequeModule

/// What reaches an owner while it may take nothing (during a hand-off, or while its lease has lapsed): kept in order,
/// within bounds.
struct HeldInputs: Sendable {
    private var inputs: Deque<(input: OwnerInput, receivedAt: Int64)> = []
    private var bytes = 0
    private let countLimit: Int
    private let byteLimit: Int

    init(limits: DocumentLimits) {
        countLimit = limits.speculativeOperations
        byteLimit = limits.speculativeBytes
    }

    var count: Int { inputs.count }

    /// Keeps an input; `false`: there is no room.
    mutating func append(_ input: OwnerInput, receivedAt: Int64) -> Bool {
        let size = Self.bytes(of: input)
        guard inputs.count < countLimit, bytes + size <= byteLimit else { return false }
        inputs.append((input, receivedAt))
        bytes += size
        return true
    }

    mutating func popFirst() -> (input: OwnerInput, receivedAt: Int64)? {
        guard let first = inputs.popFirst() else { return nil }
        bytes -= Self.bytes(of: first.input)
        return first
    }

    /// Forgets what came on a stream that is gone.
    mutating func remove(stream: StreamID) {
        inputs.removeAll { held in
            switch held.input {
            case .streamOpened(stream, _), .message(stream, _): true
            default: false
            }
        }
        bytes = inputs.reduce(0) { $0 + Self.bytes(of: $1.input) }
    }

    mutating func removeAll() {
        inputs.removeAll()
        bytes = 0
    }

    private static func bytes(of input: OwnerInput) -> Int {
        switch input {
        case .message(_, .submit(let submission)): 128 + submission.delta.estimatedBytes
        case .read(_, let operations): 128 + (operations ?? []).reduce(0) { $0 + $1.estimatedBytes }
        default: 128
        }
    }
}
