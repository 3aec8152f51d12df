import CollabModel
package import RuntimePorts
package import URLSyntax

/// What a client asks for with the URL and the headers of its upgrade request (protocol.md, "Connecting").
package struct SessionAddress: Sendable, Hashable {
    /// The path component after `/doc/`, decoded.
    package var document: String
    package var token: String?
    package var clientID: String?
    package var version: String?
    package var digest: String?
    package var connection: String?
    package var user: String?
    package var name: String?

    /// The path below which documents are.
    static let prefix = "/doc/"

    /// Reads a request target such as `/doc/ID?user=ann`; `nil` when the path is not one of a document or is not
    /// validly percent-encoded.
    package init?(target: RequestTarget, bearer: String? = nil, claimedUser: String? = nil) {
        guard target.path.hasPrefix(Self.prefix),
            let document = try? PercentEncoding.decode(target.path.dropFirst(Self.prefix.count)),
            !document.isEmpty, !document.contains("/")
        else { return nil }
        self.document = document
        let parameters = target.parameters
        token = bearer ?? parameters["token"]
        clientID = parameters["clientId"]
        version = parameters["version"]
        digest = parameters["digest"]
        connection = parameters["connection"]
        user = parameters["user"] ?? claimedUser
        name = parameters["name"]
    }

    /// Who the client says that it is.
    package var credentials: Credentials { Credentials(token: token, claimedUser: user, claimedName: name) }
}
