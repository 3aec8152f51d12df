import CollabClient
import CollabClientTesting
import CollabModel
import Delta
import NIOPosix
import Synchronization

/// How long anything may take that a test waits for; reached only when something is broken.
let patience = Duration.seconds(20)

/// Runs a test against a cluster that is gone afterwards.
func withCluster(
    addresses: Int = 1, _ body: (LoopbackCluster) async throws -> Void
) async throws {
    let cluster = try await LoopbackCluster.start(addresses: addresses)
    do {
        try await body(cluster)
    } catch {
        try? await cluster.stop()
        throw error
    }
    try await cluster.stop()
}

extension SessionOptions {
    /// Times short enough for a test.
    static func quick(_ seed: UInt64 = 1) -> SessionOptions {
        var options = SessionOptions()
        options.backoffMilliseconds = 10
        options.backoffMaximumMilliseconds = 50
        options.verifiesEveryAck = true
        options.seed = seed
        return options
    }
}

extension LoopbackCluster {
    /// Opens a session on a document of this cluster.
    func session(
        _ document: DocumentID, _ options: SessionOptions = .quick(),
        observer: (@Sendable () -> any SessionObserver)? = nil
    ) async throws -> CollabSession {
        try await CollabSession.open(
            document: document, at: try await urls, options: options, on: MultiThreadedEventLoopGroup.singleton,
            within: patience, observer: observer)
    }
}

extension CollabSession {
    /// Inserts at a position that is counted from the start.
    func insert(_ text: String, at position: Int = 0) async throws {
        try await edit { content in
            var change = Delta()
            change.retain(min(position, content.length))
            change.insert(text)
            return change
        }
    }

    /// Goes through the events up to the first that is looked for.
    func first<Found: Sendable>(_ found: (CollabEvent) -> Found?) async -> Found? {
        for await event in events {
            if let result = found(event) { return result }
        }
        return nil
    }

    /// Goes through the events up to the loss of a connection that there was.
    func lost() async {
        var wasConnected = false
        _ = await first { event -> Bool? in
            switch event {
            case .state(.offline): return wasConnected ? true : nil
            case .state: wasConnected = true
            default: break
            }
            return nil
        }
    }

    var text: String? { get async { await content?.text } }
}

/// Remembers what a session tells an observer.
final class Recorder: SessionObserver, Sendable {
    struct Log: Sendable {
        var submitted: [OperationID] = []
        var resent: [OperationID] = []
        var acknowledged: [OperationID] = []
        var applied: [Version] = []
        var connections: [String] = []
        var reconnects = 0
        var states: [CollabState] = []
        var refused = 0
        var losses: [String] = []
    }
    private let state = Mutex(Log())
    var log: Log { state.withLock { $0 } }

    func submitted(_ id: OperationID, delta: Delta, isResend: Bool) {
        state.withLock { if isResend { $0.resent.append(id) } else { $0.submitted.append(id) } }
    }
    func acknowledged(_ id: OperationID, at version: Version, isExact: Bool) {
        state.withLock { $0.acknowledged.append(id) }
    }
    func applied(_ version: Version, of client: ClientID) { state.withLock { $0.applied.append(version) } }
    func connected(to url: String, isReconnect: Bool) {
        state.withLock {
            $0.connections.append(url)
            if isReconnect { $0.reconnects += 1 }
        }
    }
    func changed(_ new: CollabState) { state.withLock { $0.states.append(new) } }
    func disconnected(from url: String, code: UInt16?, reason: String) {
        state.withLock { $0.losses.append("\(code.map { "\($0) " } ?? "")\(reason)") }
    }
    func refused(_ delta: Delta, reason: String) { state.withLock { $0.refused += 1 } }
}
