import CollabModel

/// Until when an owner may serve without reading its epoch again. Microseconds of a clock that goes on while the
/// process is stopped.
///
/// The node lease vouches for all of a node's epochs while it is held. When it is not (the lease store is away, or the
/// process was stopped), each owner's own look at its epoch vouches for one time to live.
struct OwnerValidity: Sendable {
    private var checkedUntil: Int64
    /// When the log last showed the epoch to be ours, by an append or by reading it.
    private var shownAt: Int64
    private(set) var isSuspended = false
    private(set) var isChecking = false
    private let timeToLive: Int64

    /// An owner that raised its epoch just now.
    init(timeToLiveMicroseconds: Int64, now: Int64) {
        timeToLive = timeToLiveMicroseconds
        checkedUntil = now + timeToLiveMicroseconds
        shownAt = now
    }

    /// How long an owner that appends nothing goes on without reading its epoch. Its lease may be held all the time while
    /// it was succeeded by somebody who did not reach it: who only reads there would not be told of anything any more.
    static let idleMicroseconds: Int64 = 30_000_000

    /// An append has succeeded.
    mutating func appended(now: Int64) { shownAt = max(shownAt, now) }

    /// Whether the epoch is to be read because the log has not shown it for long; a check is then under way.
    mutating func beginIdleCheck(now: Int64) -> Bool {
        #if MUTANTS
            if Mutant.idleUnchecked.isActive { return false }
        #endif
        guard now - shownAt >= Self.idleMicroseconds, !isChecking else { return false }
        isChecking = true
        return true
    }

    enum Need: Equatable {
        case none
        /// Read the epoch, go on serving meanwhile.
        case check
        /// Stop serving and read the epoch.
        case suspend
    }

    /// What is needed at `now`, when the node lease is held until `leaseHeldUntil`.
    mutating func look(now: Int64, leaseHeldUntil: Int64) -> Need {
        #if MUTANTS
            if Mutant.lapseIgnored.isActive { return .none }
        #endif
        let validUntil = max(checkedUntil, leaseHeldUntil)
        if validUntil <= now {
            defer {
                isSuspended = true
                isChecking = true
            }
            if !isSuspended { return .suspend }
            return isChecking ? .none : .check
        }
        guard !isChecking, validUntil - now < timeToLive / 2, leaseHeldUntil <= checkedUntil else { return .none }
        isChecking = true
        return .check
    }

    /// A check is asked for from outside; `true` when none is under way.
    mutating func beginCheck() -> Bool {
        defer { isChecking = true }
        return !isChecking
    }

    /// The epoch was read at `readAt` and was ours; `true` when serving was suspended and may go on.
    mutating func confirmed(readAt: Int64) -> Bool {
        checkedUntil = max(checkedUntil, readAt + timeToLive)
        shownAt = max(shownAt, readAt)
        isChecking = false
        defer { isSuspended = false }
        return isSuspended
    }
}
