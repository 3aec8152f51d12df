/// The target of a request: its path, and its query decoded.
package struct RequestTarget: Sendable, Hashable {
    /// As it was sent.
    package var path: Substring
    /// The query's parameters, as forms write them. Of a repeated one the first counts.
    package private(set) var parameters: [String: String] = [:]

    /// Reads a target in origin form (RFC 9112, section 3.2.1).
    ///
    /// - Throws: what is wrong with a parameter.
    package init(_ target: String) throws(URLSyntaxError) {
        path = target.prefix { $0 != "?" && $0 != "#" }
        let query = target.dropFirst(path.count).drop { $0 == "?" }.prefix { $0 != "#" }
        for pair in query.split(separator: "&") {
            let encoded = pair.prefix { $0 != "=" }
            let name = try PercentEncoding.decode(encoded, plusIsSpace: true)
            let value = try PercentEncoding.decode(pair.dropFirst(encoded.count).dropFirst(), plusIsSpace: true)
            if parameters[name] == nil { parameters[name] = value }
        }
    }
}
