import CollabModel
import HTTPTypes
import RuntimePorts

/// Says for a request who it is and what he may do, in the errors of the API.
struct RequestAccess: Sendable {
    let authenticator: any Authenticator
    let authorizer: any Authorizer

    func principal(_ exchange: Exchange) async throws(APIError) -> Principal {
        do {
            return try await authenticator.authenticate(exchange.credentials)
        } catch {
            switch error {
            case .unauthorized(let reason):
                throw APIError(
                    .unauthorized, ErrorCode.unauthorized.rawValue, reason, headers: [.wwwAuthenticate: "Bearer"])
            case .unavailable: throw .unavailable("authentication is not available")
            }
        }
    }

    /// The user's permission on the document; who has none is told that there is no such document.
    func permission(_ principal: Principal, _ document: DocumentID) async throws(APIError) -> Permission {
        guard let permission = try await permissionIfAny(principal, document) else {
            throw .notFound("no such document")
        }
        return permission
    }

    func permissionIfAny(_ principal: Principal, _ document: DocumentID) async throws(APIError) -> Permission? {
        do {
            return try await authorizer.permission(of: principal, on: document)
        } catch {
            throw .unavailable("authorization is not available")
        }
    }

    func mayCreate(_ principal: Principal) async throws(APIError) {
        do {
            guard try await authorizer.mayCreateDocuments(principal) else {
                throw APIError.forbidden("you may not create documents")
            }
        } catch let error as APIError {
            throw error
        } catch {
            throw .unavailable("authorization is not available")
        }
    }

    func requireOperator(_ exchange: Exchange) async throws(APIError) {
        guard try await mayOperate(try await principal(exchange)) else { throw .forbidden("for operators") }
    }

    func mayOperate(_ principal: Principal) async throws(APIError) -> Bool {
        do {
            return try await authorizer.mayOperate(principal)
        } catch {
            throw .unavailable("authorization is not available")
        }
    }
}
