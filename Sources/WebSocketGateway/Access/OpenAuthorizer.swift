package import CollabModel
package import RuntimePorts

/// Lets everybody edit everything: the default of a cluster that runs without authentication.
package struct OpenAuthorizer: Authorizer {
    private let operators: Set<UserID>

    /// - Parameter operators: those who may operate the cluster; empty: everybody whom the authenticator calls an
    ///   operator.
    package init(operators: Set<UserID> = []) { self.operators = operators }

    package func permission(of user: Principal, on document: DocumentID) async throws(StoreUnavailable) -> Permission? {
        .edit
    }

    package func mayCreateDocuments(_ user: Principal) async throws(StoreUnavailable) -> Bool { true }

    package func mayOperate(_ user: Principal) async throws(StoreUnavailable) -> Bool {
        user.isOperator && (operators.isEmpty || operators.contains(user.userID))
    }
}
