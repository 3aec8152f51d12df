public import CollabModel
public import Delta
public import NIOCore

/// A client of one document: keeps a copy, sends edits, takes those of others, and connects again by itself.
///
/// An edit is never discarded: it is kept while there is no connection, and sent again under the same operation id
/// until it is durable or refused. A session is one object on one event loop; every method may be called from
/// anywhere.
public final class CollabSession: Sendable {
    private let core: NIOLoopBound<SessionCore>
    /// The loop that the session lives on.
    public let eventLoop: any EventLoop
    /// The document's id.
    public let document: DocumentID
    /// What happens, in order, for one reader. Bounded: ``CollabEvent/missed(_:)`` stands where events were left out.
    public let events: AsyncStream<CollabEvent>

    private init(
        _ document: DocumentID, _ urls: [String], _ options: SessionOptions, _ eventLoop: any EventLoop,
        _ observer: (@Sendable () -> any SessionObserver)?
    ) throws {
        let (stream, continuation) = AsyncStream.makeStream(
            of: CollabEvent.self, bufferingPolicy: .bufferingOldest(options.bufferedEvents))
        let core = try SessionCore(
            document: document, urls: urls, options: options, observer: observer?(), on: eventLoop)
        let buffer = EventBuffer(continuation)
        core.tell = { buffer.append($0) }
        core.finish = { buffer.finish() }
        self.core = NIOLoopBound(core, eventLoop: eventLoop)
        self.eventLoop = eventLoop
        self.document = document
        events = stream
        core.start()
    }

    /// Starts a session and returns at once; it connects in the background for as long as it takes.
    ///
    /// - Parameters:
    ///   - urls: nodes of the cluster, as `ws`, `wss`, `http` or `https` URLs. The first is called first, the others in
    ///     turn when it cannot be had.
    ///   - observer: makes an observer, on the session's loop.
    /// - Throws: ``SessionError/invalidURL(_:)``, or what NIOSSL throws for the TLS configuration.
    public static func start(
        document: DocumentID, at urls: [String], options: SessionOptions = SessionOptions(),
        on group: any EventLoopGroup, observer: (@Sendable () -> any SessionObserver)? = nil
    ) async throws -> CollabSession {
        let eventLoop = group.any()
        return try await eventLoop.submit {
            try CollabSession(document, urls, options, eventLoop, observer)
        }.get()
    }

    /// Starts a session and returns when its document is there.
    ///
    /// - Parameter limit: how long that may take.
    /// - Throws: as ``start(document:at:options:on:observer:)``, ``SessionError/timedOut``, or ``SessionError/ended(_:)``
    ///   where the server refuses the session; the session is then closed.
    public static func open(
        document: DocumentID, at urls: [String], options: SessionOptions = SessionOptions(),
        on group: any EventLoopGroup, within limit: Duration = .seconds(30),
        observer: (@Sendable () -> any SessionObserver)? = nil
    ) async throws -> CollabSession {
        let session = try await start(
            document: document, at: urls, options: options, on: group, observer: observer)
        do {
            try await session.waitUntilReady(within: limit)
        } catch {
            await session.close()
            throw error
        }
        return session
    }

    // MARK: The document

    /// The document as the user sees it, unsaved edits included; `nil` before it arrived.
    public var content: DocumentContent? { get async { await onLoop(\.content) } }
    /// The version that the session has been told of last.
    public var version: Version { get async { await onLoop(\.version) } }
    /// Whether what the user sees is durable.
    public var state: CollabState { get async { await onLoop(\.state) } }
    /// What the user may do.
    public var permission: Permission { get async { await onLoop(\.permission) } }
    /// The id that the cluster gave; `nil` before the first message.
    public var clientID: ClientID? { get async { await onLoop(\.clientID) } }
    /// The other clients, with their presence in the user's document.
    public var participants: [Participant] { get async { await onLoop(\.participants) } }

    /// Edits the document: makes the change for the content as it is at that moment, and applies it.
    ///
    /// - Parameter change: called on the session's loop with the present content; returns the change.
    /// - Returns: the change that was applied.
    /// - Throws: ``SessionError/notReady``, ``SessionError/forbidden``, ``SessionError/invalidEdit(_:)``, or what
    ///   `change` throws; the document is then unchanged.
    @discardableResult
    public func edit(_ change: @escaping @Sendable (DocumentContent) throws -> Delta) async throws -> Delta {
        let core = core
        return try await eventLoop.submit {
            guard let content = core.value.content else { throw SessionError.notReady }
            let delta = try change(content)
            try core.value.edit(delta)
            return delta
        }.get()
    }

    /// Applies a change that was made for the present content; where others may edit, prefer the closure.
    ///
    /// - Throws: as the other form.
    public func edit(_ change: Delta) async throws { try await edit { _ in change } }

    /// Says where the user is, in the document with his edits.
    public func setPresence(_ presence: Presence) async { await onLoop { $0.setPresence(presence) } }

    // MARK: Waiting

    /// Returns when every edit is durable.
    ///
    /// - Throws: ``SessionError/timedOut`` after `limit`, ``SessionError/ended(_:)`` or ``SessionError/closed``.
    public func waitUntilSaved(within limit: Duration? = nil) async throws {
        let core = core
        try await eventLoop.flatSubmit { core.value.whenSaved(within: limit.map(TimeAmount.init)) }.get()
    }

    /// Returns when the document is there.
    ///
    /// - Throws: as ``waitUntilSaved(within:)``.
    public func waitUntilReady(within limit: Duration? = nil) async throws {
        let core = core
        try await eventLoop.flatSubmit { core.value.whenReady(within: limit.map(TimeAmount.init)) }.get()
    }

    /// Returns when the session is connected, has nothing unsaved, and holds the version or a later one.
    ///
    /// - Throws: as ``waitUntilSaved(within:)``.
    public func waitUntilSettled(at version: Version, within limit: Duration? = nil) async throws {
        let core = core
        try await eventLoop.flatSubmit {
            core.value.whenSettled(at: version, within: limit.map(TimeAmount.init))
        }.get()
    }

    // MARK: The connection

    /// Connects at once: while the session waits to try again, or after it ended (for example as another connection of
    /// the same client took its place).
    public func reconnect() async { await onLoop { $0.reconnect() } }

    /// Ends the session. What is unsaved is not sent any more: see ``waitUntilSaved(within:)``.
    public func close() async { await onLoop { $0.close() } }

    /// Runs a closure on the session's loop.
    package func onLoop<Result: Sendable>(_ body: @escaping @Sendable (SessionCore) -> Result) async -> Result {
        let core = core
        let promise = eventLoop.makePromise(of: Result.self)
        eventLoop.execute { promise.succeed(body(core.value)) }
        do {
            return try await promise.futureResult.get()
        } catch {
            preconditionFailure("the promise is only ever fulfilled")
        }
    }
}
