/// The authority of a URL: `[user[:password]@]host[:port]` (RFC 3986, section 3.2).
package struct URLAuthority: Sendable, Hashable {
    /// Decoded; `nil` without an `@`, and without a `:` in the password's case.
    package var user: String?
    package var password: String?
    /// A name or an address, the latter without brackets.
    package var host: String
    package var port: Int?

    /// Reads an authority. What is before the last `@` is the login, so that a password may have one unencoded.
    ///
    /// - Throws: what is wrong, without the text, which may hold a password.
    package init(_ text: some StringProtocol) throws(URLSyntaxError) {
        var place = Substring(text)
        if let at = place.lastIndex(of: "@") {
            let login = place[..<at]
            place = place[place.index(after: at)...]
            let colon = login.firstIndex(of: ":")
            user = try PercentEncoding.decodeForC(login[..<(colon ?? login.endIndex)])
            if let colon { password = try PercentEncoding.decodeForC(login[login.index(after: colon)...]) }
        }
        let name: Substring
        let after: Substring
        if place.hasPrefix("[") {
            guard let end = place.firstIndex(of: "]") else { throw .openBracket }
            name = place[..<end].dropFirst()
            after = place[place.index(after: end)...]
        } else {
            name = place.prefix { $0 != ":" }
            after = place[name.endIndex...]
        }
        guard !name.isEmpty else { throw .noHost }
        guard !name.contains(where: { "%/?# \0".contains($0) }) else { throw .invalidHost }
        host = String(name)
        guard !after.isEmpty else { return }
        let digits = after.dropFirst()
        // Int takes a sign too.
        guard after.first == ":", digits.utf8.first.map({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) == true,
            let number = Int(digits), 1...65_535 ~= number
        else { throw .invalidPort }
        port = number
    }

    /// A host and a port as an authority has them: an IPv6 address in brackets.
    package static func text(host: String, port: Int) -> String { "\(bracketed(host)):\(port)" }

    /// A host as an authority has it: an IPv6 address in brackets.
    package static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
