package import CollabModel
import Synchronization

/// Counts the sessions of a node and of each of its documents, and refuses those above the bounds (guarantee G10).
package final class SessionQuota: Sendable {
    private struct Counts {
        var total = 0
        var perDocument: [DocumentID: Int] = [:]
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let perNode: Int
    private let perDocument: Int
    private let counts = Mutex(Counts())

    package init(perNode: Int, perDocument: Int) {
        self.perNode = perNode
        self.perDocument = perDocument
    }

    /// How many sessions are counted now.
    package var total: Int { counts.withLock { $0.total } }

    /// Counts one session more, unless that would pass a bound. Every success is undone by one ``leave(_:)``.
    package func enter(_ document: DocumentID) -> Bool {
        counts.withLock { counts in
            let there = counts.perDocument[document, default: 0]
            guard counts.total < perNode, there < perDocument else { return false }
            counts.total += 1
            counts.perDocument[document] = there + 1
            return true
        }
    }

    /// Counts one session less.
    package func leave(_ document: DocumentID) {
        let waiting = counts.withLock { counts in
            counts.total -= 1
            let left = counts.perDocument[document, default: 1] - 1
            counts.perDocument[document] = left > 0 ? left : nil
            return counts.total == 0 ? exchange(&counts.waiting, with: []) : []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when no session is counted.
    package func whenEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = counts.withLock { counts in
                if counts.total > 0 { counts.waiting.append(continuation) }
                return counts.total == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
