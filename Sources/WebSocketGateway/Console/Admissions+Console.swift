import CollabModel
import RuntimePorts

/// Why somebody may not look at a console.
struct ConsoleRefusal: Sendable {
    var code: CloseCode
    var reason: String
}

extension Admissions {
    /// Why the caller may not look at a console; `nil`: he may.
    func refusalOfConsole(_ credentials: Credentials) async -> ConsoleRefusal? {
        let principal: Principal
        do {
            principal = try await authenticator.authenticate(credentials)
        } catch {
            switch error {
            case .unauthorized(let reason): return ConsoleRefusal(code: .unauthorized, reason: reason)
            case .unavailable: return ConsoleRefusal(code: .overloaded, reason: "authentication is not available")
            }
        }
        do {
            return try await authorizer.mayOperate(principal)
                ? nil : ConsoleRefusal(code: .forbidden, reason: "for operators")
        } catch {
            return ConsoleRefusal(code: .overloaded, reason: "authorization is not available")
        }
    }
}
