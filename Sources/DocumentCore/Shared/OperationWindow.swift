package import CollabModel
package import Delta
import DequeModule

/// The most recent operations of a document, without a gap, bounded by count and bytes.
///
/// It covers the versions in `(start, end]`. Transforming, catching up and answering resends need no log as long as
/// the version in question lies in it.
package struct OperationWindow: Sendable {
    private var operations: Deque<CommittedOperation> = []
    private var versions: [OperationKey: Version] = [:]
    private let isIndexed: Bool
    private var digestAtStart: Digest?
    /// The version before the first operation that is held.
    package private(set) var start: Version
    /// The estimated size of what is held, in bytes.
    package private(set) var bytes = 0

    /// Makes an empty window after a version.
    ///
    /// - Parameter isIndexed: whether ``version(of:by:)`` is asked of this window; it costs a table.
    package init(after version: Version, digest: Digest?, isIndexed: Bool) {
        start = version
        digestAtStart = digest
        self.isIndexed = isIndexed
    }

    package var count: Int { operations.count }
    package var isEmpty: Bool { operations.isEmpty }
    /// The version of the last operation, or ``start`` when there is none.
    package var end: Version { start.advanced(by: operations.count) }
    package var last: CommittedOperation? { operations.last }

    /// The operation that made a version in `(start, end]`.
    package subscript(version: Version) -> CommittedOperation {
        operations[start.distance(to: version) - 1]
    }

    /// Whether everything after this version is held.
    package func reaches(_ version: Version) -> Bool { version >= start && version <= end }

    /// The digest of the document at a version in `[start, end]`; `nil` when it is not known.
    package func digest(at version: Version) -> Digest? {
        if version == start { return digestAtStart }
        guard version > start, version <= end else { return nil }
        return self[version].digest
    }

    /// The operations in `(after, through]`, both of which lie in `[start, end]`.
    package func operations(after: Version, through: Version) -> [CommittedOperation] {
        guard after < through else { return [] }
        return Array(operations[start.distance(to: after)..<start.distance(to: through)])
    }

    /// The operations after a version in `[start, end]`.
    func operations(after: Version) -> Deque<CommittedOperation>.SubSequence {
        operations[start.distance(to: after)...]
    }

    /// The version that an operation of a client made, if this window holds it. The window must be indexed.
    package func version(of operation: OperationID, by client: ClientID) -> Version? {
        versions[OperationKey(client: client, operation: operation)]
    }

    /// Takes the operation that makes the version after ``end``.
    package mutating func append(_ operation: CommittedOperation) {
        precondition(operation.version == end.next, "a window has no gap")
        operations.append(operation)
        bytes += operation.estimatedBytes
        if isIndexed {
            versions[OperationKey(client: operation.clientID, operation: operation.operationID)] = operation.version
        }
    }

    /// Lets the oldest operations go until the bounds hold, but none after `protected`.
    package mutating func trim(operations limit: Int, bytes byteLimit: Int, keepingAfter protected: Version) {
        while operations.count > limit || bytes > byteLimit, start < protected, let first = operations.popFirst() {
            bytes -= first.estimatedBytes
            start = first.version
            digestAtStart = first.digest
            guard isIndexed else { continue }
            let key = OperationKey(client: first.clientID, operation: first.operationID)
            if versions[key] == first.version { versions[key] = nil }
        }
    }

    package func checkInvariants() {
        #if DEBUG
            var expected = start
            var sum = 0
            for operation in operations {
                expected = expected.next
                sum += operation.estimatedBytes
                assert(operation.version == expected, "the window has a gap at \(expected)")
            }
            assert(sum == bytes, "the window's size is wrong")
            assert(versions.count <= operations.count, "the window's index holds what the window does not")
        #endif
    }
}

/// Names an operation in a document: operation ids are unique per client (protocol.md, "Client to server").
private struct OperationKey: Hashable {
    var client: ClientID
    var operation: OperationID
}

extension CommittedOperation {
    /// What keeping this operation costs, in bytes: the encoded form, the parsed form, and the fields around them.
    package var estimatedBytes: Int { 2 * encodedDelta.count + 192 }
}
