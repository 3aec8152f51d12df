import CollabModel
import Delta
import DequeModule

// Admission: exactly once, at the right place, within bounds (guarantees G3, G7, G9, G10).
extension OwnerMachine {
    /// The most questions to the log that may be open about submissions of connections that are not current.
    private static let strayQuestions = 256

    /// Takes a submission: applied at most once, in the order of its client's connection.
    mutating func submit(_ arrival: Arrival) {
        let submission = arrival.submission
        guard
            let slot = clients.current(submission.clientID, number: submission.connection, on: arrival.stream)
        else {
            settleStray(arrival)
            return
        }
        guard clients[slot].question == nil else {
            if clients[slot].waiting.count < limits.waitingPerClient {
                clients[slot].waiting.append(arrival)
            } else {
                reject(arrival, .unavailable, "an earlier operation of this client is still being looked up")
            }
            return
        }
        admit(arrival, slot)
    }

    /// Decides about a submission of a client's current connection, none of whose earlier ones is undecided.
    private mutating func admit(_ arrival: Arrival, _ slot: Int) {
        let submission = arrival.submission
        guard !answerIfKnown(arrival) else { return }
        guard submission.base.value >= 0, submission.base <= headVersion else {
            reject(
                arrival, at: .transform, .invalidOperation, "the operation is based on a version that does not exist")
            return
        }
        guard submission.base <= committedVersion else {
            reject(arrival, at: .transform, .unavailable, "the operation is based on a version that is not durable yet")
            return
        }
        #if MUTANTS
            if Mutant.lowerBaseTrusted.isActive, clients[slot].last != nil { return acceptNew(arrival, slot) }
            if Mutant.dedupForgotten.isActive { return acceptNew(arrival, slot) }
        #endif
        // One in flight: a client that builds on its last operation has had its answer, so this one is new. The first
        // under this epoch, and one that builds on less, may be copies of what an earlier owner made durable: nobody is
        // told that such an operation was not applied before the log has been asked.
        if let last = clients[slot].last, submission.base >= last.version {
            acceptNew(arrival, slot)
        } else {
            let question = ask(.admission(arrival))
            clients[slot].question = question
            output.append(.lookUp(question, submission.clientID, submission.operationID))
        }
    }

    /// Takes a submission that is known to be new.
    private mutating func acceptNew(_ arrival: Arrival, _ slot: Int) {
        #if MUTANTS
            let mayEdit = clients[slot].permission >= .edit || Mutant.permissionIgnored.isActive
        #else
            let mayEdit = clients[slot].permission >= .edit
        #endif
        guard mayEdit else {
            reject(arrival, .forbidden, "this session may not edit")
            return
        }
        guard arrival.submission.base.distance(to: committedVersion) <= limits.baseDistance else {
            reject(arrival, at: .transform, .conflict, "the operation is based on a version that is too far back")
            return
        }
        place(arrival, slot, Rebase(arrival.submission))
    }

    /// Answers a submission that this owner knows to have been applied; `false` when it does not know it.
    private mutating func answerIfKnown(_ arrival: Arrival) -> Bool {
        let submission = arrival.submission
        let known: (version: Version, digest: Digest)
        if let slot = clients.slot(of: submission.clientID), let last = clients[slot].last,
            last.operationID == submission.operationID
        {
            known = (last.version, last.digest)
        } else if let version = knownInWindow(submission) {
            known = (version, window[version].digest)
        } else {
            return false
        }
        acknowledge(arrival, known.version, known.digest)
        return true
    }

    private func knownInWindow(_ submission: Submission) -> Version? {
        #if MUTANTS
            if Mutant.dedupForgotten.isActive { return nil }
        #endif
        return window.version(of: submission.operationID, by: submission.clientID)
    }

    /// Tells a submitter again what became of its operation. One that is not durable yet is answered by its commit, which
    /// every stream gets.
    private mutating func acknowledge(_ arrival: Arrival, _ version: Version, _ digest: Digest) {
        output.append(.observe(.duplicate))
        guard version <= committedVersion else { return }
        let submission = arrival.submission
        send(
            arrival.stream,
            .acknowledged(submission.clientID, submission.connection, submission.operationID, version, digest))
    }

    /// A submission of a connection that is not its client's newest, or that never joined: looked up, never applied.
    private mutating func settleStray(_ arrival: Arrival) {
        guard !answerIfKnown(arrival) else { return }
        #if MUTANTS
            if Mutant.strayApplied.isActive, let slot = clients.slot(of: arrival.submission.clientID),
                arrival.submission.base <= committedVersion
            {
                return acceptNew(arrival, slot)
            }
        #endif
        guard strayQuestionCount < Self.strayQuestions else {
            reject(arrival, .unavailable, "this connection is not the client's newest")
            return
        }
        strayQuestionCount += 1
        let submission = arrival.submission
        output.append(.lookUp(ask(.stray(arrival)), submission.clientID, submission.operationID))
    }

    /// Handles the log's answer about an operation id.
    mutating func lookedUp(_ id: QuestionID, _ result: LookupResult) {
        guard let question = questions.removeValue(forKey: id) else { return }
        switch question {
        case .stray(let arrival):
            strayQuestionCount -= 1
            if case .found(let version, let digest) = result {
                acknowledge(arrival, version, digest)
            } else {
                reject(arrival, .unavailable, "this connection is not the client's newest")
            }
        case .admission(let arrival):
            let submission = arrival.submission
            switch result {
            case .found(let version, let digest): acknowledge(arrival, version, digest)
            case .unavailable: reject(arrival, .unavailable, "the log could not be asked about this operation")
            case .absent:
                if let slot = clients.current(submission.clientID, number: submission.connection, on: arrival.stream) {
                    clients[slot].question = nil
                    acceptNew(arrival, slot)
                }
            }
            proceed(submission.clientID, after: id)
        case .readBack:
            break
        }
    }

    /// Handles operations that were read back from the log for a submission based below the window.
    mutating func readBack(_ id: QuestionID, _ operations: [CommittedOperation]?) {
        guard case .readBack(let arrival, var rebase)? = questions.removeValue(forKey: id) else { return }
        let submission = arrival.submission
        if let slot = clients.current(submission.clientID, number: submission.connection, on: arrival.stream) {
            clients[slot].question = nil
            if let operations, Self.continues(operations, rebase.version) {
                if bring(&rebase, of: arrival, over: operations) { place(arrival, slot, rebase) }
            } else {
                reject(arrival, .unavailable, "the log could not be read")
            }
        }
        proceed(submission.clientID, after: id)
    }

    private static func continues(_ operations: [CommittedOperation], _ version: Version) -> Bool {
        guard !operations.isEmpty else { return false }
        var expected = version.next
        for operation in operations {
            guard operation.version == expected else { return false }
            expected = expected.next
        }
        return true
    }

    /// Goes on with what waited behind a question, until the next one.
    private mutating func proceed(_ client: ClientID, after question: QuestionID) {
        guard let slot = clients.slot(of: client) else { return }
        if clients[slot].question == question { clients[slot].question = nil }
        while clients[slot].question == nil, let next = clients[slot].waiting.popFirst() {
            if clients.current(client, number: next.submission.connection, on: next.stream) != nil {
                admit(next, slot)
            } else {
                settleStray(next)
            }
        }
    }

    /// Brings an operation that is known to be new to the head, over the log first where the window does not reach.
    private mutating func place(_ arrival: Arrival, _ slot: Int, _ start: Rebase) {
        var rebase = start
        guard rebase.version >= window.start else {
            let through = min(window.start, rebase.version.advanced(by: limits.portionOperations))
            let question = ask(.readBack(arrival, rebase))
            clients[slot].question = question
            output.append(.read(question, after: rebase.version, through: through))
            return
        }
        let startedAt = stageClock?() ?? now
        let concurrent = arrival.submission.base.distance(to: headVersion)
        if concurrent > 0 {
            do {
                try arrival.submission.delta.validate()
            } catch {
                reject(arrival, at: .transform, .invalidOperation, "\(error)")
                return
            }
            guard bring(&rebase, of: arrival, over: window.operations(after: rebase.version)) else { return }
        }
        apply(rebase, of: arrival, slot, startedAt: startedAt)
    }

    /// Moves a submission over operations that came first; `false`: one of them is its client's own, and it is answered.
    ///
    /// Whoever has one operation in flight builds on all of his own, except where an older copy of an operation that he was
    /// told is refused has been applied after all, or where this is that copy and he has gone on since. One of the two
    /// stands in the log; the other would do the same again.
    private mutating func bring(
        _ rebase: inout Rebase, of arrival: Arrival, over earlier: some Sequence<CommittedOperation>
    ) -> Bool {
        for operation in earlier {
            if operation.clientID == rebase.clientID, !isOwnIgnored {
                if operation.version <= committedVersion {
                    reject(
                        arrival, at: .transform, .conflict,
                        "the client has an operation since that this one does not build on")
                } else {
                    reject(
                        arrival, at: .transform, .unavailable, "an earlier operation of this client is not durable yet")
                }
                return false
            }
            rebase.advance(over: operation)
        }
        return true
    }

    private var isOwnIgnored: Bool {
        #if MUTANTS
            Mutant.lowerBaseTrusted.isActive || Mutant.dedupForgotten.isActive || Mutant.strayApplied.isActive
        #else
            false
        #endif
    }

    /// Applies an operation at the head, ahead of its commit.
    private mutating func apply(_ rebase: Rebase, of arrival: Arrival, _ slot: Int, startedAt: Int64) {
        let transformedAt = stageClock?() ?? now
        guard pipeline.count < limits.speculativeOperations, pipeline.bytes < limits.speculativeBytes else {
            reject(arrival, .unavailable, "too much waits to be made durable")
            return
        }
        let encoded = rebase.delta.jsonUTF8
        guard encoded.count <= limits.operationBytes else {
            reject(arrival, .tooLarge, "the operation is larger than \(limits.operationBytes) bytes")
            return
        }
        // What makes a document shorter that is too long already (the limit was lowered) is welcome.
        let growth = rebase.delta.changeLength
        guard growth <= 0 || head.length + growth <= limits.documentLength else {
            reject(arrival, .tooLarge, "the document would be longer than \(limits.documentLength)")
            return
        }
        do {
            try head.apply(rebase.delta)
        } catch {
            reject(arrival, .invalidOperation, "\(error)")
            return
        }
        let submission = arrival.submission
        let transformCount = submission.base.distance(to: headVersion)
        let operation = CommittedOperation(
            version: headVersion.next, epoch: epoch, clientID: submission.clientID,
            userID: clients[slot].profile.userID, operationID: submission.operationID, delta: rebase.delta,
            encodedDelta: encoded, digest: head.digest)
        headVersion = operation.version
        window.append(operation)
        clients[slot].last = .init(
            operationID: operation.operationID, version: operation.version, digest: operation.digest)
        pipeline.add(
            .init(
                operation: OwnedOperation(
                    clientID: submission.clientID, base: submission.base, version: operation.version,
                    transformCount: transformCount, kind: OwnedOperation.Kind(rebase.delta), bytes: encoded.count,
                    trace: submission.trace, receivedAt: arrival.receivedAt, startedAt: startedAt,
                    transformedAt: transformedAt, appliedAt: stageClock?() ?? now),
                presence: rebase.presence?.clamped(to: head.length), bytes: operation.estimatedBytes))
        #if MUTANTS
            if Mutant.ackBeforeCommit.isActive {
                send(
                    arrival.stream,
                    .acknowledged(
                        submission.clientID, submission.connection, submission.operationID, operation.version,
                        operation.digest))
            }
        #endif
    }

    private mutating func reject(
        _ arrival: Arrival, at stage: RejectionStage = .apply, _ code: ErrorCode, _ message: String
    ) {
        let submission = arrival.submission
        output.append(.observe(.rejected(stage, code, submission.trace)))
        send(
            arrival.stream,
            .rejected(submission.clientID, submission.connection, submission.operationID, code, message))
    }

    private mutating func ask(_ question: Question) -> QuestionID {
        let id = QuestionID(nextQuestion)
        nextQuestion += 1
        questions[id] = question
        return id
    }
}

extension OwnerMachine {
    /// What an owner waits for from the log.
    enum Question: Sendable {
        /// Whether the log has an operation of a client's current connection.
        case admission(Arrival)
        /// The same of one that is not current.
        case stray(Arrival)
        /// Operations below the window; the submission is on its way over them.
        case readBack(Arrival, Rebase)
    }
}

extension Rebase {
    init(_ submission: Submission) {
        // A presence counts in a document that only the client has seen: bounded here, made exact where it is applied.
        let presence = submission.presence?.clamped(to: 1 << 40)
        self.init(
            clientID: submission.clientID, delta: submission.delta, presence: presence, base: submission.base)
    }
}
