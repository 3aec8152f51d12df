package import CollabModel
import PostgresClient

/// How a node reaches its PostgreSQL.
package struct PostgresConfiguration: Sendable {
    /// `postgresql://user:password@host:port/database?parameters` or libpq's `keyword=value` form. Several hosts may be
    /// named; the one that accepts writes is taken.
    package var url: String
    /// Connections that append side by side.
    package var lanes = 2
    /// Connections for everything else: loads, takeovers, snapshots, the catalog.
    package var readers = 4
    /// Reads, takeovers and the like that may wait for a connection; one more is answered `unavailable` (G10).
    package var maximumWaitingReads = 4_096
    /// What operators ask has one connection of its own; so much may wait for it, one more is answered `unavailable`.
    package var maximumWaitingOperatorReads = 16
    /// The change feed has one connection of its own too; so much of it may wait.
    package var maximumWaitingFeedStatements = 16
    /// After this the server gives up a statement of operators: they can ask for less, failover cannot wait.
    package var operatorStatementTimeout: Duration = .seconds(2)
    package var connectTimeout: Duration = .seconds(2)
    /// After this the server gives a statement up.
    package var statementTimeout: Duration = .seconds(10)
    /// How old `documents.updated_at` may be while a document is edited; the value that is shown is exact.
    package var touchInterval: Duration = .seconds(5)

    package init(url: String) { self.url = url }

    /// What is wrong with a connection string, without repeating it; `nil` when it can be used.
    package static func fault(inURL url: String) -> String? { ConnectionString.fault(in: url) }

    /// The name of a node's connections in `pg_stat_activity`, by which a successor finds those of a stopped node.
    ///
    /// A node id is at most 63 characters and PostgreSQL keeps 63 of a name, so a long id is cut; the incarnation,
    /// which is random, is kept whole.
    package static func applicationName(of node: NodeIdentity) -> String {
        let incarnation = String(UInt64(bitPattern: node.incarnation.value), radix: 36)
        let room = 63 - "collab::".utf8.count - incarnation.utf8.count
        return "collab:\(node.node.text.prefix(room)):\(incarnation)"
    }
}
