import URLSyntax

/// The target of a request: its path, and its query decoded.
struct RequestTarget {
    /// As it was sent.
    var path: Substring
    /// Of a repeated parameter the first counts.
    private(set) var parameters: [Substring: String] = [:]

    /// `nil` for a query that is not validly percent-encoded.
    init?(_ target: String) {
        path = target.prefix { $0 != "?" && $0 != "#" }
        let query = target.dropFirst(path.count).drop { $0 == "?" }.prefix { $0 != "#" }
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let encoded = pair.dropFirst(name.count).dropFirst()
            guard let value = try? PercentEncoding.decode(encoded, plusIsSpace: true) else { return nil }
            if parameters[name] == nil { parameters[name] = value }
        }
    }
}
