package import CollabModel
package import SessionProtocol

/// Is told of every message of a session and of every connection, on the session's loop: for recording what a client
/// saw, exactly as it saw it.
package protocol FrameTap: AnyObject {
    /// A connection is about to be asked for.
    ///
    /// - Parameters:
    ///   - connection: numbers the connections of a session, upwards.
    ///   - client: as whom it resumes, and from which version; `nil`: as nobody, or with no version.
    func opening(_ connection: UInt64, to url: String, as client: ClientID?, from version: Version?)
    /// A message is about to be sent.
    func sending(_ frame: ClientFrame, on connection: UInt64)
    /// A message came. The session has not acted on it yet.
    func received(_ frame: ServerFrame, on connection: UInt64)
    /// The connection has ended, with the code that the node gave if it gave one. May be told twice.
    func closed(_ connection: UInt64, code: UInt16?)
}
