package import CollabModel
import Delta

/// What an owner did with one operation from its arrival to its commit: for metrics, traces and logs only.
///
/// Times are monotonic microseconds; without a ``OwnerMachine/stageClock`` the inner ones are those of the inputs.
package struct OwnedOperation: Sendable, Hashable {
    /// What an operation does first, apart from keeping text.
    package enum Kind: String, Sendable, Hashable {
        case insert, delete, format
    }

    package var clientID: ClientID
    package var base: Version
    package var version: Version
    /// Over how many operations it was transformed.
    package var transformCount: Int
    package var kind: Kind
    /// Of its encoded form.
    package var bytes: Int
    package var trace: TraceContext?
    package var receivedAt: Int64
    /// When it was known to be new, and transforming began.
    package var startedAt: Int64
    package var transformedAt: Int64
    package var appliedAt: Int64
    /// When the owner learnt that it is durable; 0 before.
    package var committedAt: Int64 = 0
}

extension OwnedOperation.Kind {
    init(_ delta: Delta) {
        for op in delta.ops {
            switch op {
            case .insert, .embed:
                self = .insert
                return
            case .delete:
                self = .delete
                return
            case .retain, .retainEmbed: continue
            }
        }
        self = .format
    }
}
