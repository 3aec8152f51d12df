/// What the URL of a server says: `scheme://authority[/path]`.
package struct ServerURL: Sendable, Hashable {
    package var authority: URLAuthority
    /// What follows the slash after the authority, as it was written; empty when nothing does.
    package var path: String

    /// Reads a URL of one scheme.
    ///
    /// - Parameter scheme: with `://`.
    /// - Throws: what is wrong, without the text, which may hold a password.
    package init(_ text: String, scheme: String) throws(URLSyntaxError) {
        guard text.hasPrefix(scheme) else { throw .otherScheme(scheme) }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = try URLAuthority(rest[..<slash])
        path = String(rest[slash...].dropFirst())
    }
}
