internal import Synchronization

/// Decides what goes wrong in an ``InMemoryStore``, and when.
package protocol LogFaultPlan: Sendable {
    /// Asked once for every call before it reaches the store. Suspending delays the call.
    func fault(for call: LogCall) async -> LogFault?
    /// Called while an append holds the rows of its documents, before it commits. While it is suspended, takeovers of
    /// those documents wait.
    func whileHoldingRows(_ call: LogCall) async
}

/// Nothing goes wrong.
package struct NoLogFaults: LogFaultPlan {
    package init() {}
    package func fault(for call: LogCall) async -> LogFault? { nil }
    package func whileHoldingRows(_ call: LogCall) async {}
}

/// The n-th call of a kind fails; a test walks n through every call of a scenario.
package final class NthCallFails: LogFaultPlan {
    private let kind: LogCall.Kind
    private let ordinal: Int
    private let fault: LogFault
    private let calls = Mutex(0)

    /// - Parameter ordinal: 1 is the first call.
    package init(_ kind: LogCall.Kind, _ ordinal: Int, _ fault: LogFault) {
        self.kind = kind
        self.ordinal = ordinal
        self.fault = fault
    }

    /// How many calls of the kind there were.
    package var count: Int { calls.withLock { $0 } }

    package func fault(for call: LogCall) async -> LogFault? {
        guard call.kind == kind else { return nil }
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        return number == ordinal ? fault : nil
    }

    package func whileHoldingRows(_ call: LogCall) async {}
}

/// Calls fail at random, the same ones for the same seed and order of calls.
package final class SeededLogFaults: LogFaultPlan {
    /// How often each fault strikes, of a thousand calls.
    package struct Rates: Sendable {
        package var unavailable = 0
        package var lostWithEffect = 0
        package var lostWithoutEffect = 0
        package var failed = 0
        package var failedTransiently = 0
        package init(
            unavailable: Int = 0, lostWithEffect: Int = 0, lostWithoutEffect: Int = 0, failed: Int = 0,
            failedTransiently: Int = 0
        ) {
            self.unavailable = unavailable
            self.lostWithEffect = lostWithEffect
            self.lostWithoutEffect = lostWithoutEffect
            self.failed = failed
            self.failedTransiently = failedTransiently
        }
    }

    private let rates: Rates
    private let kinds: Set<LogCall.Kind>
    private let state: Mutex<UInt64>

    package init(seed: UInt64, rates: Rates, kinds: Set<LogCall.Kind> = Set(LogCall.Kind.allCases)) {
        self.rates = rates
        self.kinds = kinds
        state = Mutex(seed)
    }

    package func fault(for call: LogCall) async -> LogFault? {
        guard kinds.contains(call.kind) else { return nil }
        var draw = state.withLock { state in
            // Knuth's MMIX multiplier; the high bits are the good ones.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % 1_000)
        }
        let table: [(Int, LogFault)] = [
            (rates.unavailable, .unavailable), (rates.lostWithEffect, .connectionLost(tookEffect: true)),
            (rates.lostWithoutEffect, .connectionLost(tookEffect: false)), (rates.failed, .failed(isTransient: false)),
            (rates.failedTransiently, .failed(isTransient: true)),
        ]
        for (rate, fault) in table {
            if draw < rate { return fault }
            draw -= rate
        }
        return nil
    }

    package func whileHoldingRows(_ call: LogCall) async {}
}

/// Holds every append between taking its rows and committing until the test lets it go on.
package final class AppendGate: LogFaultPlan {
    private struct State {
        var isClosed = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// From now on appends stop with their rows locked.
    package func close() { state.withLock { $0.isClosed = true } }

    /// Lets those that stopped, and all later ones, go on.
    package func open() {
        let held = state.withLock { state in
            state.isClosed = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Returns when at least so many appends have stopped.
    package func untilHeld(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.held.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    package func fault(for call: LogCall) async -> LogFault? { nil }

    package func whileHoldingRows(_ call: LogCall) async {
        await withCheckedContinuation { continuation in
            let (passes, watchers) = state.withLock { state in
                guard state.isClosed else { return (true, [CheckedContinuation<Void, Never>]()) }
                state.held.append(continuation)
                let ready = state.watchers.filter { $0.count <= state.held.count }.map(\.continuation)
                state.watchers.removeAll { $0.count <= state.held.count }
                return (false, ready)
            }
            if passes { continuation.resume() }
            for watcher in watchers { watcher.resume() }
        }
    }
}
