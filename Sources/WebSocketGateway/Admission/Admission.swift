package import CollabModel
import Delta
package import DocumentCore
package import RuntimePorts

/// Whether a client gets a session, and as whom.
package enum Admission: Sendable {
    case admitted(DocumentID, SessionRequest)
    case refused(CloseCode, String)
}

/// Decides on admissions: who it is, what he may do, whose client id it is.
package struct Admissions: Sendable {
    let authenticator: any Authenticator
    let authorizer: any Authorizer
    let mint: ClientIDMint

    package init(authenticator: any Authenticator, authorizer: any Authorizer, mint: ClientIDMint) {
        self.authenticator = authenticator
        self.authorizer = authorizer
        self.mint = mint
    }

    /// Answers an upgrade request. A document that the user may not know of and one that is not named by a UUID get
    /// the same answer as one that does not exist.
    package func decide(_ address: SessionAddress) async -> Admission {
        guard let document = DocumentID(address.document) else { return .refused(.notFound, "no such document") }
        let principal: Principal
        do {
            principal = try await authenticator.authenticate(address.credentials)
        } catch {
            switch error {
            case .unauthorized(let reason): return .refused(.unauthorized, reason)
            case .unavailable: return .refused(.overloaded, "authentication is not available")
            }
        }
        let permission: Permission?
        do {
            permission = try await authorizer.permission(of: principal, on: document)
        } catch {
            return .refused(.overloaded, "authorization is not available")
        }
        guard let permission else { return .refused(.notFound, "no such document") }
        return identify(address, principal, permission, document)
    }

    private func identify(
        _ address: SessionAddress, _ principal: Principal, _ permission: Permission, _ document: DocumentID
    ) -> Admission {
        var order: ConnectionOrder?
        if let text = address.connection {
            order = ConnectionOrder(text)
            guard order != nil else { return .refused(.protocolAbuse, "connection is not a number below 2^53") }
        }
        let client: ClientID
        var resume: SessionRequest.Resume?
        if let text = address.clientID {
            guard let claimed = ClientID(text) else { return .refused(.protocolAbuse, "clientId is not a UUID") }
            guard mint.isValid(claimed, for: principal.userID, on: document) else {
                return .refused(.forbidden, "this clientId belongs to another user or document")
            }
            client = claimed
            if let text = address.version {
                guard let version = Int64(text) else { return .refused(.protocolAbuse, "version is not a number") }
                var digest: Digest?
                if let text = address.digest, !text.isEmpty {
                    guard let read = Digest(text) else {
                        return .refused(.protocolAbuse, "digest is not 16 hexadecimal digits")
                    }
                    digest = read
                }
                resume = SessionRequest.Resume(version: Version(version), digest: digest)
            }
        } else {
            var generator = SystemRandomNumberGenerator()
            client = mint.make(for: principal.userID, on: document, using: &generator)
        }
        let profile = ClientProfile(
            userID: principal.userID, name: String(principal.name.prefix(100)), color: ClientColor.of(client))
        return .admitted(
            document,
            SessionRequest(
                clientID: client, profile: profile, permission: permission, resume: resume,
                isNewClient: address.clientID == nil, order: order))
    }
}
