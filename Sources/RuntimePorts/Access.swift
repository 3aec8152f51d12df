package import CollabModel

/// What a caller presents to say who it is.
package struct Credentials: Sendable {
    /// From `Authorization: Bearer` or the `token` query parameter.
    package var token: String?
    /// From the `user` and `name` query parameters or the `X-Collab-User` header; only trusted without authentication.
    package var claimedUser: String?
    package var claimedName: String?
    package init(token: String?, claimedUser: String?, claimedName: String?) {
        self.token = token
        self.claimedUser = claimedUser
        self.claimedName = claimedName
    }
}

/// Who a caller is.
package struct Principal: Sendable, Hashable {
    package var userID: UserID
    package var name: String
    /// Is known as an operator: whether he may act as one, the ``Authorizer`` says.
    package var isOperator: Bool
    package init(userID: UserID, name: String, isOperator: Bool) {
        self.userID = userID
        self.name = name
        self.isOperator = isOperator
    }
}

package enum AuthenticationError: Error, Sendable {
    case unauthorized(String)
    case unavailable(String)
}

/// Says who a caller is.
package protocol Authenticator: Sendable {
    func authenticate(_ credentials: Credentials) async throws(AuthenticationError) -> Principal
}

/// Says what a user may do.
package protocol Authorizer: Sendable {
    /// `nil`: the user may not know of the document.
    func permission(of user: Principal, on document: DocumentID) async throws(StoreUnavailable) -> Permission?
    func mayCreateDocuments(_ user: Principal) async throws(StoreUnavailable) -> Bool
    /// Whether the user may see the whole cluster and drain nodes.
    func mayOperate(_ user: Principal) async throws(StoreUnavailable) -> Bool
}
