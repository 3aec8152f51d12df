/// A statement that each connection prepares when it first meets it.
package struct Statement: Sendable, Hashable {
    /// Unique among the statements of a connection.
    package let name: String
    /// One statement with `$1`, `$2` … for its parameters.
    package let sql: String
    /// Whether the connection prepares it. A statement that is run once is not worth it.
    package let isPrepared: Bool

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
        isPrepared = true
    }

    /// A statement that is run once.
    package init(once sql: String) {
        name = ""
        self.sql = sql
        isPrepared = false
    }
}
