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
        guard let user = UserID(claimed.isEmpty ? "anonymous" : claimed) else {
            throw .unauthorized("a user id has 1 to \(UserID.maximumCharacters) characters")
        }
        let name = credentials.claimedName ?? ""
        return Principal(userID: user, name: name.isEmpty ? user.text : name, isOperator: true)
    }
}
