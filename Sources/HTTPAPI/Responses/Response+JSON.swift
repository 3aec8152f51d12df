import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import NIOCore

extension Response {
    /// A response whose body is the JSON that the closure writes.
    static func json(status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter(capacity: 256)
        write(&writer)
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}

extension HTTPField.Name {
    /// Names the user where a cluster runs without authentication.
    static let collabUser = HTTPField.Name("X-Collab-User") ?? .from
}
