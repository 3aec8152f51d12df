/// A request to a server on this machine, and its answer.
///
/// The commands ask a node for its readiness and for an owner; for that an HTTP client of a few lines is enough, and
/// tests of the services need no network library to be built first.
package enum LoopbackHTTP {
    /// What a server answered.
    package struct Response: Sendable {
        /// The status code.
        package let status: Int
        /// The body, decoded.
        package let body: [UInt8]
    }

    /// Asks for a page.
    ///
    /// - Returns: `nil` when nothing listens or no complete answer comes within `timeout`.
    package static func get(_ path: String, port: Int, timeout: Duration = .seconds(1)) async -> Response? {
        await request("GET", path, port: port, timeout: timeout)
    }

    /// Posts a body of JSON, or none.
    ///
    /// - Returns: `nil` when nothing listens or no complete answer comes within `timeout`.
    package static func post(
        _ path: String, json: [UInt8] = [], port: Int, timeout: Duration = .seconds(1)
    ) async -> Response? {
        await request("POST", path, body: json, port: port, timeout: timeout)
    }

    /// Puts a body of JSON.
    ///
    /// - Returns: `nil` when nothing listens or no complete answer comes within `timeout`.
    package static func put(
        _ path: String, json: [UInt8], port: Int, timeout: Duration = .seconds(1)
    ) async -> Response? {
        await request("PUT", path, body: json, port: port, timeout: timeout)
    }

    /// Asks for something to be deleted.
    ///
    /// - Returns: `nil` when nothing listens or no complete answer comes within `timeout`.
    package static func delete(_ path: String, port: Int, timeout: Duration = .seconds(1)) async -> Response? {
        await request("DELETE", path, port: port, timeout: timeout)
    }

    private static func request(
        _ method: String, _ path: String, body: [UInt8] = [], port: Int, timeout: Duration
    ) async -> Response? {
        let head = """
            \(method) \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            \r

            """
        let bytes = Array(head.utf8) + body
        let answer = await LoopbackSocket.exchange(bytes, port: port, until: .close, timeout: timeout)
        return answer.flatMap(parse)
    }

    /// Reads a whole response (RFC 9112, sections 4 to 7): a status line, fields, and a body that is chunked, or
    /// ends with the connection.
    static func parse(_ bytes: [UInt8]) -> Response? {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: separator) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        let fields = lines.dropFirst().map { $0.lowercased() }
        let rest = bytes[end.upperBound...]
        guard fields.contains(where: { $0.hasPrefix("transfer-encoding:") && $0.hasSuffix("chunked") }) else {
            let length = fields.first { $0.hasPrefix("content-length:") }?.split(separator: ":").last
            let expected = length.flatMap { Int($0.drop(while: \.isWhitespace)) } ?? rest.count
            return rest.count >= expected ? Response(status: status, body: Array(rest.prefix(expected))) : nil
        }
        return unchunked(rest).map { Response(status: status, body: $0) }
    }

    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = bytes
        var body: [UInt8] = []
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: ";").first ?? ""
            guard let count = Int(size, radix: 16), count >= 0 else { return nil }
            if count == 0 { return body }
            let start = end.upperBound
            guard rest.endIndex - start >= count + 2 else { return nil }
            body += rest[start..<start + count]
            rest = rest[(start + count + 2)...]
        }
        return nil
    }
}
