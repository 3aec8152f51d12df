import CollabModel
package import RuntimePorts

/// Believes whatever name a caller claims: the default of a cluster that runs without authentication.
///
/// Everybody is an operator. Never for a cluster that strangers reach.
package struct NamedUserAuthenticator: Authenticator {
    package init() {}

    /// The claimed user, or `anonymous`; throws `unauthorized` for a claim that is not a user id.
    package func authenticate(_ credentials: Credentials) async throws(AuthenticationError) -> Principal {
        let claimed = credentials.claimedUser ?? ""
        // U+FFFD stands for what a header had that is not UTF-8: several such would be one user.
        guard !claimed.unicodeScalars.contains("\u{FFFD}"), let user = UserID(claimed.isEmpty ? "anonymous" : claimed)
        else {
            throw .unauthorized(
                "a user id has 1 to \(UserID.maximumCharacters) characters, and none of them is U+0000 or U+FFFD")
        }
        let name = credentials.claimedName ?? ""
        return Principal(userID: user, name: name.isEmpty ? user.text : name, isOperator: true)
    }
}
