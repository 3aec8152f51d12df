internal import Randomness
internal import Synchronization

/// One call of a lease store.
package struct LeaseStoreCall: Sendable, Hashable {
    package enum Operation: String, Sendable, CaseIterable {
        case renew, leave, members, lease, claim, release
    }

    /// The number of the call among all, from 1.
    package var ordinal: Int
    package var operation: Operation
}

/// What may go wrong with a call.
package enum LeaseStoreFault: Sendable, Hashable {
    /// The call fails and has no effect.
    case requestLost
    /// The call fails although it had its effect.
    case replyLost
    /// The call takes effect only after this time of the store's clock.
    case delayed(Duration)
}

/// Decides what goes wrong with each call of a store, and remembers the calls.
package final class LeaseStoreFaults: Sendable {
    /// Says what goes wrong with a call; `nil`: nothing.
    package typealias Plan = @Sendable (LeaseStoreCall) -> LeaseStoreFault?

    private struct State {
        var plan: Plan
        var calls = 0
    }

    private let state: Mutex<State>

    /// Begins with a plan; by default nothing goes wrong.
    package init(_ plan: @escaping Plan = { _ in nil }) { state = Mutex(State(plan: plan)) }

    /// Follows another plan from now on.
    package func follow(_ plan: @escaping Plan) { state.withLock { $0.plan = plan } }

    /// Every call fails until something else is followed.
    package func beginOutage() { follow { _ in .requestLost } }

    /// Nothing goes wrong from now on.
    package func end() { follow { _ in nil } }

    /// Only the `count`-th call from now on goes wrong, counted from 1.
    package func failCall(_ count: Int, with fault: LeaseStoreFault) {
        state.withLock { state in
            let ordinal = state.calls + count
            state.plan = { $0.ordinal == ordinal ? fault : nil }
        }
    }

    /// Each call goes wrong with the given probability, as the seed decides: the request or the reply is lost, or the
    /// call is late by up to `longestDelay`.
    package func followSeed(_ seed: UInt64, probability: Double, longestDelay: Duration) {
        follow { call in
            // From seed and ordinal alone, so that the same calls have the same faults in whatever order they are asked.
            var generator = faultGenerator(seed: seed, ordinal: call.ordinal)
            guard Double.random(in: 0..<1, using: &generator) < probability else { return nil }
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: return .requestLost
            case 1: return .replyLost
            default: return .delayed(longestDelay * Double.random(in: 0...1, using: &generator))
            }
        }
    }

    /// How many calls there have been.
    package var calls: Int { state.withLock { $0.calls } }

    func fault(of operation: LeaseStoreCall.Operation) -> LeaseStoreFault? {
        let (plan, ordinal) = state.withLock { state in
            state.calls += 1
            return (state.plan, state.calls)
        }
        return plan(LeaseStoreCall(ordinal: ordinal, operation: operation))
    }
}

/// What decides about the call with this ordinal.
private func faultGenerator(seed: UInt64, ordinal: Int) -> SplitMix64 {
    var generator = SplitMix64(seed: seed ^ UInt64(truncatingIfNeeded: ordinal) &* SplitMix64.increment)
    return SplitMix64(seed: generator.next())
}
