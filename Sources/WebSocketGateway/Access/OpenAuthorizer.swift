package import CollabModel
package import RuntimePorts

/// Lets everybody edit everything: the default of a cluster that runs without authentication.
package struct OpenAuthorizer: Authorizer {
    package init() {}

    package func permission(of user: Principal, on document: DocumentID) async throws(StoreUnavailable) -> Permission? {
        .edit
    }

    package func mayCreateDocuments(_ user: Principal) async throws(StoreUnavailable) -> Bool { true }
}
