package import CollabModel
package import Delta
import DocumentCore
import NIOCore

/// Everything of a ``LoopbackCluster``, on its loop.
package final class LoopbackState {
    /// How the cluster misbehaves.
    package struct Faults: Sendable {
        /// Nothing becomes durable.
        package var holdsCommits = false
        /// Connections are taken and nothing is said or heard on them.
        package var isSilent = false
        /// So many acks are not sent: the connection is cut in their place.
        package var cutsInsteadOfAck = 0
        /// Every so many-th operation is applied twice; 0: none.
        package var doublesEvery = 0
        /// Every so many-th operation is acknowledged and left out of the log that is shown; 0: none.
        package var losesEvery = 0
        /// Connections are cut as soon as they are upgraded.
        package var cutsAtOnce = false
        /// Sessions are answered with this code.
        package var closesWith: CloseCode?

        /// Makes a cluster behave.
        package init() {}
    }

    let eventLoop: any EventLoop
    package var faults = Faults()
    private(set) var documents: [DocumentID: LoopbackDocument] = [:]
    private var listeners: [(any Channel)?] = []
    private(set) var ports: [Int] = []
    private var sessions: [ObjectIdentifier: LoopbackSession] = [:]
    private var lastToken: UInt64 = 0
    /// How many sessions were ever opened.
    package private(set) var openedSessions = 0
    /// How many operations clients have sent, again or for the first time.
    package var receivedOperations = 0
    var generator = SystemRandomNumberGenerator()

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func create(_ content: DocumentContent) -> DocumentID {
        let id = DocumentID(.random(using: &generator))
        documents[id] = LoopbackDocument(id, content, state: self)
        return id
    }

    func nextToken() -> SessionToken {
        lastToken += 1
        return SessionToken(lastToken)
    }

    // MARK: Addresses and connections

    func listening(_ index: Int, _ channel: any Channel, port: Int) {
        while listeners.count <= index {
            listeners.append(nil)
            ports.append(0)
        }
        listeners[index] = channel
        ports[index] = port
    }

    func kill(_ index: Int) {
        listeners[index]?.close(promise: nil)
        listeners[index] = nil
        for session in sessions.values where session.address == index { session.cut() }
    }

    func killAll() {
        for index in listeners.indices { kill(index) }
    }

    func opened(_ session: LoopbackSession) {
        sessions[ObjectIdentifier(session)] = session
        openedSessions += 1
    }

    func closed(_ session: LoopbackSession) { sessions[ObjectIdentifier(session)] = nil }

    /// How many sessions are open.
    package var openSessions: Int { sessions.count }

    /// Cuts every connection without a word.
    package func cutAll() {
        for session in sessions.values { session.cut() }
    }

    /// Closes every session with a code.
    package func closeAll(_ code: CloseCode) {
        for session in sessions.values { session.close(code, "told to") }
    }

    /// Lets what was held become durable.
    package func releaseCommits() {
        faults.holdsCommits = false
        for document in documents.values { document.releaseCommits() }
    }

    /// Goes on as a failed cluster would that has lost the last operations: everybody is cut, and the log is shorter.
    package func forget(last count: Int, of document: DocumentID) throws {
        cutAll()
        try documents[document]?.forget(last: count)
    }

    /// The rows of a document's log: version, client, operation id.
    package func log(of document: DocumentID) -> [(Version, ClientID, OperationID)] {
        documents[document]?.log.map { ($0.version, $0.clientID, $0.operationID) } ?? []
    }

    /// A document as its owner has committed it.
    package func content(of document: DocumentID) -> (Version, DocumentContent)? {
        documents[document].map { ($0.owner.committedVersion, $0.owner.committed) }
    }

    /// Changes what a user may do; `nil`: nothing any more.
    package func permit(_ permission: Permission?, to user: UserID, on document: DocumentID) {
        documents[document]?.enqueue(.permissionChanged(user, permission))
    }
}
