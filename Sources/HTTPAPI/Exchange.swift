import CollabModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import NIOCore
import RuntimePorts
import URLSyntax

/// A request on its way through a route, with what routes ask of it.
struct Exchange: Sendable {
    let request: Request
    let context: BasicRequestContext
    private let target: RequestTarget

    /// Throws when the query is not validly percent-encoded: a parameter that cannot be read is not one that is absent.
    init(request: Request, context: BasicRequestContext) throws(APIError) {
        self.request = request
        self.context = context
        do {
            target = try RequestTarget(request.uri.string)
        } catch {
            throw APIError.badRequest("the query cannot be used: \(error)")
        }
    }

    /// A decoded query parameter; an empty one is none.
    func query(_ name: String) -> String? {
        guard let value = target.parameters[name], !value.isEmpty else { return nil }
        return value
    }

    /// A query parameter that is an integer in a range.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = query(name) else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw APIError.badRequest("\(name) is an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The document that the path names.
    func document() throws -> DocumentID {
        guard let text = context.parameters.get("id"), let document = DocumentID(text) else {
            throw APIError.notFound("no such document")
        }
        return document
    }

    /// Who the caller says that he is.
    var credentials: Credentials {
        let bearer = request.headers[.authorization].flatMap { value in
            value.lowercased().hasPrefix("bearer ") ? String(value.dropFirst("bearer ".count)) : nil
        }
        return Credentials(
            token: bearer ?? query("token"), claimedUser: query("user") ?? request.headers[.collabUser],
            claimedName: query("name"))
    }

    /// The body as JSON; throws for anything else, and for more than so many bytes.
    ///
    /// - Parameter none: what no body at all means; `nil`: an error.
    func json(upTo maximumBytes: Int, none: JSONValue? = nil) async throws -> JSONValue {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes {
            throw APIError.tooLarge("a body has \(maximumBytes) bytes at most")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: maximumBytes)
        } catch is NIOTooManyBytesError {
            throw APIError.tooLarge("a body has \(maximumBytes) bytes at most")
        }
        if let none, body.readableBytes == 0 { return none }
        do {
            return try JSONValue(utf8: Array(body.readableBytesView))
        } catch {
            throw APIError.badRequest("the body is not JSON: \(error)")
        }
    }
}
