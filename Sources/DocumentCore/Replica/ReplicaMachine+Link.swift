import CollabModel
import Delta

// The stream to the owner.
extension ReplicaMachine {
    mutating func message(_ message: OwnerMessage, _ epoch: Epoch) {
        guard epoch >= self.epoch else {
            dropLink("the owner speaks with epoch \(epoch), \(self.epoch) has passed")
            return
        }
        if case .opened(let opening) = message {
            self.epoch = epoch
            opened(opening)
            return
        }
        // What was on its way on a stream that is gone.
        guard isOpen else { return }
        guard epoch == self.epoch else {
            dropLink("the epoch of a stream does not change")
            return
        }
        switch message {
        case .opened: break
        case .joined(let acceptance): joined(acceptance)
        case .joinRefused(let token, let code, let text): joinRefused(token, code, text)
        case .commits(let batch):
            deliver(batch)
            if isUnproven { restore() }
        case .clientJoined(let entry): personJoined(entry)
        case .clientLeft(let client): personLeft(client)
        case .presence(let client, let version, let presence): personMoved(client, version, presence)
        case .acknowledged(let client, let number, let operation, let version, let digest):
            acknowledged(client, number, operation, version, digest)
        case .rejected(let client, let number, let operation, let code, let text):
            rejected(client, number, operation, code, text)
        case .committed(let question, let version): committed(question, version)
        case .replaced(let client, let number): replaced(client, number)
        // Why is in the node's log: an editor has no use for what a server says of itself.
        case .degraded: degrade(Self.heldWords)
        case .restored: restore()
        case .end(let end): ended(end)
        }
    }

    private mutating func opened(_ opening: StreamOpening) {
        linkLost()
        switch opening.state {
        case .operations(let operations):
            guard content != nil else {
                dropLink("the owner sent operations to a replica that holds nothing")
                return
            }
            isOpen = true
            var rest = operations[...]
            while !rest.isEmpty, isOpen {
                // When these became durable is not known here.
                deliver(.init(operations: Array(rest.prefix(limits.portionOperations)), committedAtMicroseconds: 0))
                rest = rest.dropFirst(limits.portionOperations)
            }
            guard isOpen else { return }
        case .content(let version, let digest, let encoded):
            guard let document = Self.document(encoded, digest) else {
                dropLink("the document that the owner sent is not what it says")
                return
            }
            isOpen = true
            replace(with: document, at: version)
        }
        reconcile(opening.clients)
        if opening.isDegraded {
            degrade(Self.heldWords)
        } else if !isUnproven {
            restore()
        }
        for token in sessions.tokens { announce(token) }
    }

    private static func document(_ encoded: [UInt8], _ digest: Digest) -> DocumentContent? {
        guard let delta = try? Delta(jsonUTF8: encoded), let document = try? DocumentContent(delta),
            document.digest == digest
        else { return nil }
        return document
    }

    /// Takes a whole document. Sessions that have been told another version go on from there by the log.
    private mutating func replace(with document: DocumentContent, at version: Version) {
        let before = self.version
        content = document
        self.version = version
        window = OperationWindow(after: version, digest: document.digest, isIndexed: false)
        people.move(to: version, over: window)
        for token in sessions.tokens {
            sessions.update(token) { session in
                session.lastOperation = .unknown
                if session.phase == .live { session.phase = .behind(sent: before, head: before) }
                if case .lookingUp(let question) = session.phase {
                    questions[question] = nil
                    session.phase = .behind(sent: before, head: before)
                }
            }
            advance(token)
        }
    }

    /// Takes operations that have become durable and tells the sessions.
    mutating func deliver(_ batch: CommitBatch) {
        var failure: String?
        var applied = 0
        var own: [SessionToken] = []
        for operation in batch.operations {
            failure = apply(operation)
            guard failure == nil else { break }
            applied += 1
            for token in sessions.tokens(of: operation.clientID) {
                resolve(token, operation.operationID)
                sessions.update(token) { $0.lastOperation = .known(operation.operationID) }
                if !own.contains(token) { own.append(token) }
            }
        }
        var told = batch
        if applied < batch.operations.count {
            told.operations.removeSubrange(applied...)
            told.traces.removeAll { $0.version > version }
        }
        if !told.operations.isEmpty { fanOut(told, own: own.sorted()) }
        trimWindow()
        if let failure {
            dropLink(failure)
        }
    }

    /// Applies one operation if it continues the document and gives the digest that it says. After a digest that does not
    /// fit nothing is held any more, so that the owner sends everything.
    private mutating func apply(_ operation: CommittedOperation) -> String? {
        guard var document = content else { return "operations reached a replica that holds nothing" }
        guard operation.version == version.next else {
            return "version \(operation.version) does not follow \(version)"
        }
        content = nil
        do {
            try document.apply(operation.delta)
        } catch {
            return "version \(operation.version) does not apply: \(error)"
        }
        guard document.digest == operation.digest else {
            return "version \(operation.version) gives digest \(document.digest), not \(operation.digest)"
        }
        content = document
        version = operation.version
        window.append(operation)
        return nil
    }

    private mutating func fanOut(_ batch: CommitBatch, own: [SessionToken]) {
        let audience = sessions.audience
        let speakers = own.filter { sessions[$0]?.isInAudience == true }
        if speakers.isEmpty {
            if !audience.isEmpty { output.append(.fanOut(batch, audience)) }
            return
        }
        let others = audience.filter { !speakers.contains($0) }
        if !others.isEmpty { output.append(.fanOut(batch, others)) }
        for token in speakers { output.append(.send(token, .commits(batch.operations))) }
    }

    private mutating func trimWindow() {
        guard window.count > limits.windowOperations || window.bytes > limits.windowBytes else { return }
        // An eighth of the window at a time: presence is moved over everything once in that length.
        people.move(to: version, over: window)
        window.trim(
            operations: limits.windowOperations - limits.windowOperations / 8, bytes: limits.windowBytes * 7 / 8,
            keepingAfter: version)
    }

    private mutating func committed(_ question: UInt64, _ version: Version) {
        guard let (expected, tokens) = asked, expected == question else { return }
        asked = nil
        guard version <= self.version else {
            dropLink("the owner has committed \(version), which it has not sent")
            return
        }
        for token in tokens { serve(token) }
    }

    private mutating func ended(_ end: StreamEnd) {
        switch end {
        case .movedTo, .steppedDown, .overflow: linkLost()
        case .deleted: closeAll(.deleted, "the document has been deleted")
        case .failed:
            linkLost()
            degrade(Self.heldWords)
            isUnproven = true
        }
    }

    /// Gives a stream up; the caller opens another one with ``hello``.
    mutating func dropLink(_ reason: String) {
        output.append(.dropLink(reason))
        linkLost()
    }

    /// The stream is gone. Sessions and their submissions stay; who waits for an answer asks again.
    mutating func linkLost() {
        isOpen = false
        if let asked {
            toAsk = asked.tokens + toAsk
            self.asked = nil
        }
        for token in sessions.tokens where sessions[token]?.announced != nil {
            sessions.update(token) { session in
                session.announced = nil
                session.isJoined = false
            }
        }
        guard content == nil else { return }
        // Nothing verified is held: nobody is told anything before there is.
        for token in sessions.tokens {
            sessions.update(token) { session in
                if session.phase == .live { session.phase = .behind(sent: version, head: version) }
            }
        }
    }

    mutating func degrade(_ message: String) {
        let isNew = degradation == nil
        degradation = message
        if isNew { tellAll(.degraded(message)) }
    }

    mutating func restore() {
        guard degradation != nil else { return }
        degradation = nil
        isUnproven = false
        tellAll(.restored)
    }

    private static let heldWords = "edits are held until they can be made durable"
}
