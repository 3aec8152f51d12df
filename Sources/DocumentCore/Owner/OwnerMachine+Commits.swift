import CollabModel
import Delta

// From accepted to durable to told (guarantees G1 and G2).
extension OwnerMachine {
    /// The largest commit frame, in bytes of encoded operations, unless one operation alone is larger.
    private static let frameBytes = 1 << 20

    /// Asks for everything that was accepted since the last append, in one.
    mutating func requestAppend() {
        guard pipeline.requested < headVersion, !isOver else { return }
        output.append(.append(window.operations(after: pipeline.requested, through: headVersion)))
        pipeline.request(through: headVersion, content: head)
        #if MUTANTS
            if Mutant.broadcastBeforeCommit.isActive {
                let told = CommitBatch(
                    operations: window.operations(after: announcedVersion, through: headVersion),
                    committedAtMicroseconds: wallMicroseconds)
                for stream in streams { output.append(.send(stream, .commits(told))) }
                announcedVersion = headVersion
            }
        #endif
    }

    /// Moves the committed document on. The streams are told at the next message to them, or when the turn settles.
    mutating func appended(through version: Version) {
        guard version > committedVersion else { return }
        precondition(version <= pipeline.requested, "more is durable than was appended")
        if let checkpoint = pipeline.checkpoint(through: version) {
            committed = checkpoint.content
            committedVersion = checkpoint.version
        }
        while committedVersion < version {
            let operation = window[committedVersion.next]
            do {
                try committed.apply(operation.delta)
            } catch {
                preconditionFailure("an operation that was applied ahead does not apply: \(error)")
            }
            committedVersion = operation.version
        }
        committedAtMicroseconds = wallMicroseconds
        var durable: [OwnedOperation] = []
        defer { if !durable.isEmpty { output.append(.observe(.committed(durable))) } }
        while let entry = pipeline.popFirst(through: version) {
            var operation = entry.operation
            operation.committedAt = now
            if let trace = operation.trace, trace.isSampled {
                untoldTraces.append(CommitTrace(version: operation.version, context: trace))
            }
            durable.append(operation)
            snapshots.committed(bytes: entry.bytes)
            guard let presence = entry.presence, let slot = clients.slot(of: window[entry.version].clientID),
                clients[slot].connection != nil
            else { continue }
            clients[slot].presence = PlacedPresence(presence, at: entry.version)
            markDirty(slot)
        }
    }

    /// Tells every stream of what has become durable.
    mutating func announce() {
        guard announcedVersion < committedVersion else { return }
        while announcedVersion < committedVersion {
            let batch = nextFrame()
            for stream in streams { output.append(.send(stream, .commits(batch))) }
            announcedVersion = announcedVersion.advanced(by: batch.operations.count)
        }
        trimWindow()
    }

    private mutating func nextFrame() -> CommitBatch {
        var end = announcedVersion
        var bytes = 0
        while end < committedVersion, announcedVersion.distance(to: end) < limits.portionOperations {
            bytes += window[end.next].encodedDelta.count
            if bytes > Self.frameBytes, end > announcedVersion { break }
            end = end.next
        }
        let traced = untoldTraces.prefix { $0.version <= end }
        let batch = CommitBatch(
            operations: window.operations(after: announcedVersion, through: end),
            committedAtMicroseconds: committedAtMicroseconds, traces: Array(traced))
        untoldTraces.removeFirst(traced.count)
        return batch
    }

    /// Lets old operations go. Presence that still lies among them is moved first, all of it at once: this happens once
    /// in a window's length.
    private mutating func trimWindow() {
        let isLarge = window.count > limits.windowOperations || window.bytes > limits.windowBytes
        guard isLarge else { return }
        trimWindow(keepingAfter: min(clients.presenceBound, announcedVersion))
        guard window.count > limits.windowOperations || window.bytes > limits.windowBytes else { return }
        clients.movePresence(to: committedVersion, over: window)
        trimWindow(keepingAfter: announcedVersion)
    }

    private mutating func trimWindow(keepingAfter version: Version) {
        window.trim(operations: limits.windowOperations, bytes: limits.windowBytes, keepingAfter: version)
    }
}
