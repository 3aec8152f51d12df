/// The loopback addresses at which something stands between the parties of a cluster and passes on what they say.
///
/// All of 127.0.0.0/8 is this machine, so that every pair of parties can have an address of its own with the port number
/// of the real server.
package struct NodeRoutes: Codable, Sendable, Hashable {
    /// Makes the routes.
    package init() {}

    /// From where a node dials its peers, by the node's number.
    package func peerSource(of number: Int) -> String { "127.0.10.\(number)" }
    /// Where the peers of a node dial it.
    package func peers(of number: Int) -> String { "127.0.11.\(number)" }
    /// Where a node dials PostgreSQL.
    package func postgres(of number: Int) -> String { "127.0.12.\(number)" }
    /// Where a node dials Redis.
    package func redis(of number: Int) -> String { "127.0.13.\(number)" }
    /// Where clients dial a node.
    package func clients(of number: Int) -> String { "127.0.14.\(number)" }
    /// From where a client dials, by the client's number from 0 on.
    package func clientSource(of number: Int) -> String { "127.0.\(32 + number / 250).\(1 + number % 250)" }
}
