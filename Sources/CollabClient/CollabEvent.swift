public import CollabModel
public import Delta

/// Whether what the user sees is durable.
public enum CollabState: Sendable, Hashable {
    /// Connected, and every edit is durable.
    case saved
    /// Connected, and some edit is not acknowledged yet.
    case saving
    /// Not connected; edits are kept and sent later.
    case offline
}

/// Another client of the document.
public struct Participant: Sendable, Hashable {
    /// The client.
    public var clientID: ClientID
    /// Who it is.
    public var profile: ClientProfile
    /// Where it is, in the document as this session has it.
    public var presence: Presence

    init(_ clientID: ClientID, _ profile: ClientProfile, _ presence: Presence) {
        self.clientID = clientID
        self.profile = profile
        self.presence = presence
    }
}

/// What a session tells its application, in order.
public enum CollabEvent: Sendable {
    /// The document is another one; read it from the session.
    case reset(Version)
    /// Others changed the document: apply this to what the user sees, unsaved edits included.
    case changed(Delta, Version)
    /// An operation of this session is durable.
    case acknowledged(OperationID, Version)
    /// Saved, saving or offline.
    case state(CollabState)
    /// Another client moved.
    case presence(ClientID, Presence)
    /// Another client came.
    case joined(Participant)
    /// Another client left.
    case left(ClientID)
    /// What the user may do changed.
    case permission(Permission)
    /// The cluster holds edits that it cannot make durable at present.
    case degraded(String)
    /// Edits are durable again.
    case restored
    /// An edit was refused for good and has been taken back.
    case refused(Delta, reason: String)
    /// The server complained.
    case error(ErrorCode, String)
    /// The session is over for a reason that connecting again does not mend. Unsaved edits stay in its content.
    case ended(CloseCode)
    /// This many events were left out here, because nobody read them in time: read the document from the session.
    case missed(Int)
}
