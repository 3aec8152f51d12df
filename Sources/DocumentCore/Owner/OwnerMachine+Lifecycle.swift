import CollabModel
import Delta

// Lapsed leases, a log that is gone, hand-off, passivation, the end.
extension OwnerMachine {
    /// Whether nothing may be taken now: another node may own the document, or is about to.
    var mustHold: Bool {
        if isSuspended { return true }
        if case .handingOff = phase { return true }
        return false
    }

    /// Keeps an input for later. Without room a submission is refused, and any other message costs its stream.
    mutating func hold(_ input: OwnerInput) {
        guard !held.append(input, receivedAt: now) else { return }
        switch input {
        case .message(let stream, .submit(let submission)):
            output.append(.observe(.rejected(.apply, .unavailable, submission.trace)))
            send(
                stream,
                .rejected(
                    submission.clientID, submission.connection, submission.operationID, .unavailable,
                    "the document is changing its owner"))
        case .message(let stream, _), .streamOpened(let stream, _):
            output.append(.close(stream, .overflow))
            streamClosed(stream)
        case .lookedUp(let question, _):
            lookedUp(question, .unavailable)
        case .read(let question, _):
            readBack(question, nil)
        default:
            break
        }
    }

    /// Takes what was held, in order.
    private mutating func release() {
        let time = now
        while !mustHold, let next = held.popFirst() {
            now = next.receivedAt
            take(next.input)
        }
        now = time
    }

    mutating func resume() {
        isSuspended = false
        release()
    }

    mutating func degrade(_ message: String) {
        let isNew = degradation == nil
        degradation = message
        if isNew { broadcast(.degraded(message)) }
    }

    mutating func restore() {
        guard degradation != nil else { return }
        degradation = nil
        broadcast(.restored)
    }

    mutating func handOff(to successor: NodeRecord) {
        switch phase {
        case .serving, .passivating: phase = .handingOff(successor, isReady: false)
        case .handingOff, .over: break
        }
    }

    /// Says that the successor may claim, once everything is durable and told.
    mutating func continueHandOff() {
        guard case .handingOff(let successor, isReady: false) = phase, pipeline.isEmpty else { return }
        phase = .handingOff(successor, isReady: true)
        output.append(.handOffReady(successor, committedVersion))
    }

    mutating func handOffConfirmed(_ successorEpoch: Epoch) {
        guard case .handingOff(let successor, _) = phase else { return }
        end(.movedTo(successor, successorEpoch), with: .stepDown(.handedOff(successor, successorEpoch)))
    }

    mutating func handOffAbandoned() {
        guard case .handingOff = phase else { return }
        phase = .serving
        release()
    }

    mutating func handOffUnconfirmed() {
        guard case .handingOff(let successor, _) = phase else { return }
        end(.steppedDown, with: .stepDown(.handOffUnconfirmed(successor)))
    }

    /// Ends ownership: what is durable is told, what is not is forgotten, every stream is closed.
    mutating func end(_ end: StreamEnd, with last: OwnerAction) {
        announce()
        for stream in streams { output.append(.close(stream, end)) }
        streams.removeAll()
        held.removeAll()
        questions.removeAll()
        dirtyPresence.removeAll()
        pipeline.drop()
        head = committed
        headVersion = committedVersion
        phase = .over(end)
        output.append(last)
    }

    mutating func snapshotFinished(_ version: Version, succeeded: Bool) {
        snapshots.finish(version, succeeded: succeeded)
        // A last snapshot that failed costs the next load time, nothing else: the log has everything.
        if case .passivating = phase, snapshots.underWay == nil { end(.steppedDown, with: .stepDown(.idle)) }
    }

    mutating func takeSnapshotIfDue() {
        guard case .serving = phase, !isSuspended, snapshots.isDue(at: committedVersion, now: now) else { return }
        takeSnapshot()
    }

    private mutating func takeSnapshot() {
        snapshots.start(at: committedVersion, now: now)
        #if MUTANTS
            if Mutant.speculativeSnapshot.isActive {
                return output.append(.snapshot(committedVersion, head, head.digest))
            }
        #endif
        output.append(.snapshot(committedVersion, committed, committed.digest))
    }

    mutating func tick() {
        guard clients.connectedCount == 0 else {
            emptySince = nil
            return
        }
        let since = emptySince ?? now
        emptySince = since
        guard now - since >= limits.idleMilliseconds * 1_000 else { return }
        passivate()
    }

    private mutating func passivate() {
        guard case .serving = phase, !isSuspended, pipeline.isEmpty, snapshots.underWay == nil else { return }
        if snapshots.last < committedVersion {
            phase = .passivating
            takeSnapshot()
        } else {
            end(.steppedDown, with: .stepDown(.idle))
        }
    }

    /// Checks what must hold between any two inputs; compiled out of release builds.
    package func checkInvariants() {
        #if DEBUG
            #if !MUTANTS
                assert(announcedVersion <= committedVersion, "something was told before it was durable (G2)")
            #endif
            assert(committedVersion <= pipeline.requested || isOver, "something is durable that was never appended")
            assert(committedVersion <= headVersion, "the committed document is ahead of the head")
            assert(pipeline.count == committedVersion.distance(to: headVersion), "an operation is unaccounted for")
            if !isOver {
                assert(window.end == headVersion, "the window does not end at the head (G4)")
                assert(window.digest(at: headVersion) ?? head.digest == head.digest, "the head's digest is wrong (G6)")
                assert(
                    window.digest(at: committedVersion) ?? committed.digest == committed.digest,
                    "the committed digest is wrong (G6)")
            }
            assert(streams == streams.sorted(), "the streams are out of order")
            clients.checkInvariants()
        #endif
    }
}
