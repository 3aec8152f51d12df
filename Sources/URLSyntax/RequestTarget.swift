/// The target of a request: its path, and its query decoded.
package struct RequestTarget: Sendable, Hashable {
    /// As it was sent.
    package var path: Substring
    /// The query's parameters as forms write them, names as they were sent. Of a repeated one the first counts.
    package private(set) var parameters: [Substring: String] = [:]

    /// Reads a target in origin form (RFC 9112, section 3.2.1).
    ///
    /// - Throws: what is wrong with a parameter's value.
    package init(_ target: String) throws(URLSyntaxError) {
        path = target.prefix { $0 != "?" && $0 != "#" }
        let query = target.dropFirst(path.count).drop { $0 == "?" }.prefix { $0 != "#" }
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let value = try PercentEncoding.decode(pair.dropFirst(name.count).dropFirst(), plusIsSpace: true)
            if parameters[name] == nil { parameters[name] = value }
        }
    }
}
