import CollabModel
import DocumentCore
import Logging
import NIOCore
import RuntimePorts

extension SessionHandler {
    /// Asks for admission. The connection has been upgraded already, so that a refusal reaches a browser as a close code.
    func begin() {
        guard let document else { return refuse(.notFound, "no such document") }
        guard gateway.quota.enter(document) else { return refuse(.overloaded, "too many sessions") }
        holdsQuota = true
        setReading(false)
        wake(at: startedAt + gateway.times.admitWithin)
        let handler = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (admissions, address, eventLoop) = (gateway.admissions, address, loop.eventLoop)
        // Unstructured, since a channel handler has no task; it ends with the answer of the ports, and a late answer
        // finds the session closed.
        Task {
            let admission = await admissions.decide(address)
            eventLoop.execute { handler.value.answer(admission) }
        }
    }

    private func answer(_ admission: Admission) {
        guard case .admitting(let early) = state else { return }
        switch admission {
        case .refused(let code, let reason):
            refuse(code, reason)
        case .admitted(let document, let request):
            clientID = request.clientID
            userID = request.profile.userID
            openedAt = .now()
            gateway.metrics.connectionOpened()
            logConnect(resumes: request.resume != nil)
            let inbox = gateway.host.attach(request, to: document, outbox: SessionMailbox(self, loop: loop))
            state = .open(inbox)
            heardAt = .now()
            wake(at: heardAt + gateway.times.pingAfter)
            setReading(true)
            for frame in early { receive(frame) }
            flush()
        }
    }

    private func refuse(_ code: CloseCode, _ reason: String) {
        gateway.metrics.connectionRefused(code)
        logRefusal(code, reason)
        close(code, reason)
    }
}
