public import CollabModel
public import Delta

/// Is told on the session's event loop, without a queue between: for measuring, where an asynchronous sequence would
/// cost more than what is measured.
///
/// A callback must not block. It may edit: the edit is sent after what is being told.
public protocol SessionObserver: AnyObject {
    /// An operation went out, for the first time or again.
    func submitted(_ id: OperationID, delta: Delta, isResend: Bool)
    /// An operation of this session is durable.
    ///
    /// - Parameter isExact: whether it is exactly this version; otherwise it is this version or an earlier one, as after
    ///   a `resync`.
    func acknowledged(_ id: OperationID, at version: Version, isExact: Bool)
    /// Another client's operation has been applied.
    func applied(_ version: Version, of client: ClientID)
    /// What the user sees changed by others' work.
    func changed(_ change: Delta)
    /// The document was replaced.
    func reset()
    /// The connection is open and the first message is there.
    func connected(to url: String, isReconnect: Bool)
    /// The connection is gone, or could not be had.
    func disconnected(from url: String, code: UInt16?, reason: String)
    /// Saved, saving or offline.
    func changed(_ state: CollabState)
    /// An edit was refused for good.
    func refused(_ delta: Delta, reason: String)
    /// The server complained, or sent what is not of the protocol.
    func failed(_ code: ErrorCode, _ message: String)
    /// The session is over.
    func ended(_ code: CloseCode)
}

extension SessionObserver {
    public func submitted(_ id: OperationID, delta: Delta, isResend: Bool) {}
    public func acknowledged(_ id: OperationID, at version: Version, isExact: Bool) {}
    public func applied(_ version: Version, of client: ClientID) {}
    public func changed(_ change: Delta) {}
    public func reset() {}
    public func connected(to url: String, isReconnect: Bool) {}
    public func disconnected(from url: String, code: UInt16?, reason: String) {}
    public func changed(_ state: CollabState) {}
    public func refused(_ delta: Delta, reason: String) {}
    public func failed(_ code: ErrorCode, _ message: String) {}
    public func ended(_ code: CloseCode) {}
}
