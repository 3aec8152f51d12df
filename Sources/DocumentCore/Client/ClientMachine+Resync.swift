import CollabModel
import Delta

// Whole documents: what is pending is brought over by the difference to the document that it was made on.
extension ClientMachine {
    /// How many refusals of one edit in a row are answered by trying again on the server's document.
    private static let mostRefusals = 3

    mutating func resync(_ document: WholeDocument, reason: String, rejected: OperationID?) {
        if let session = document.session, case .opened = connection {
            clientID = session.clientID
            permission = session.permission
            others = OtherClients(session.clients.filter { $0.clientID != session.clientID })
        }
        isAwaitingResync = false
        backoff.reset()
        takeWhole(document, reason: reason, rejected: rejected)
        goLive()
    }

    /// Takes a whole document and moves what is pending onto it.
    mutating func takeWhole(_ document: WholeDocument, reason: String, rejected: OperationID?) {
        guard var whole = try? DocumentContent(document.content) else {
            requestResync()
            return
        }
        let base = confirmedContent
        var basis = base
        settleInFlight(document, reason: reason, rejected: rejected, basis: &basis)
        let isSame = version == document.version && basis?.digest == whole.digest
        let server = whole
        if !isSame, let basis, !pending.isEmpty {
            // What the server has that the pending edits were not made on: one operation that came before them.
            _ = pending.advance(over: Self.difference(from: basis, to: whole))
            pending.inFlight?.isRebased = true
        }
        version = document.version
        do {
            if let delta = pending.inFlight?.delta { try whole.apply(delta) }
            if let delta = pending.buffer { try whole.apply(delta) }
            content = whole
        } catch {
            let lost = pending.inFlight?.delta ?? pending.buffer ?? Delta()
            pending = PendingEdits()
            content = server
            tell(.refused(lost, reason: "\(error)"))
        }
        confirmed = pending.isEmpty ? nil : ConfirmedContent(server)
        presence = presence.clamped(to: content?.length ?? 0)
        tell(.reset)
    }

    /// Decides what becomes of the operation in flight: it is in the document, or it is refused, or it is still under way.
    private mutating func settleInFlight(
        _ document: WholeDocument, reason: String, rejected: OperationID?, basis: inout DocumentContent?
    ) {
        if let refused = pending.refused.first(where: { $0.id == document.lastOperationID }) {
            try? basis?.apply(refused.delta)
            settleRefused(refused.id, document.version, basis)
            return
        }
        guard let inFlight = pending.inFlight else { return }
        if document.lastOperationID == inFlight.id {
            pending.settle()
            refusalsInARow = 0
            try? basis?.apply(inFlight.delta)
            tell(.acknowledged(inFlight.id, document.version))
            return
        }
        guard rejected == inFlight.id else { return }
        refusalsInARow += 1
        if reason == ErrorCode.invalidOperation.rawValue, refusalsInARow <= Self.mostRefusals {
            // Made on a document that was not the server's: it goes out again, moved onto the server's, under a new id.
            pending.takeBack()
            return
        }
        pending.settle()
        refusalsInARow = 0
        if let basis, let buffer = pending.buffer, let taken = try? basis.invert(inFlight.delta) {
            let moved = taken.transform(buffer, priority: true)
            pending.buffer = moved.isEmpty ? nil : moved
        }
        tell(.refused(inFlight.delta, reason: reason))
    }

    /// A refused operation has been applied after all, from an older copy; what was sent in its place will not be. What the
    /// user's document has beyond it stays pending.
    ///
    /// - Parameter basis: the confirmed document with that operation.
    private mutating func settleRefused(_ id: OperationID, _ version: Version, _ basis: DocumentContent?) {
        pending = PendingEdits()
        refusalsInARow = 0
        if let basis, let content { pending.add(Self.difference(from: basis, to: content)) }
        tell(.acknowledged(id, version))
    }

    /// The smallest change from one document to another; replacing everything where that cannot be worked out.
    private static func difference(from old: DocumentContent, to new: DocumentContent) -> Delta {
        do {
            return try old.delta.diff(new.delta)
        } catch {
            var change = Delta()
            for op in new.delta.ops { change.push(op) }
            change.delete(old.length)
            return change
        }
    }
}
