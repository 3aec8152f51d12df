import Synchronization

/// A bounded queue from many producers to one consumer, which takes everything that waits at once.
///
/// Posting never suspends, so that event loops and callbacks can post. Taking all at once makes the cost of waking the
/// consumer fall as the load rises.
package final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// Makes an empty mailbox that holds at most `capacity` elements.
    package init(capacity: Int = 1 << 17) { self.capacity = capacity }

    /// Adds an element; `false`: the mailbox is closed or full and the element was dropped.
    @discardableResult
    package func post(_ element: Element) -> Bool {
        let (waiter, accepted) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
            guard !state.isClosed, state.elements.count < capacity else { return (nil, false) }
            state.elements.append(element)
            defer { state.waiter = nil }
            return (state.waiter, true)
        }
        waiter?.resume()
        return accepted
    }

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Refuses further elements; those that wait are still taken.
    package func close() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits until something is there and takes all of it; `nil` once the mailbox is closed and empty. One consumer only.
    package func next() async -> [Element]? {
        while true {
            let (taken, isClosed) = state.withLock { state -> ([Element], Bool) in
                var taken: [Element] = []
                swap(&taken, &state.elements)
                return (taken, state.isClosed)
            }
            if !taken.isEmpty { return taken }
            if isClosed { return nil }
            await withCheckedContinuation { continuation in
                let resumeNow = state.withLock { state -> Bool in
                    guard state.elements.isEmpty, !state.isClosed else { return true }
                    state.waiter = continuation
                    return false
                }
                if resumeNow { continuation.resume() }
            }
        }
    }
}
