/// The way from one party to another that dials it: `node-1 → postgres`.
package struct Link: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Who dials.
    package let from: String
    /// Who listens.
    package let to: String

    /// Names a link.
    package init(from: String, to: String) {
        self.from = from
        self.to = to
    }

    package var description: String { "\(from) → \(to)" }

    package static func < (left: Link, right: Link) -> Bool {
        (left.from, left.to) < (right.from, right.to)
    }
}
