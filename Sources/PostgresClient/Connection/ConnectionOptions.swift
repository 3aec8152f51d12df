/// How one connection is made and what it allows.
package struct ConnectionOptions: Sendable {
    /// `postgresql://user:password@host:port/database?parameters` or libpq's `keyword=value` form
    /// (PostgreSQL manual, "Connection Strings").
    package var url: String
    /// What `pg_stat_activity` shows; at most 63 bytes reach the server.
    package var applicationName: String
    /// How long one attempt to connect may take, until the connection is ready for statements.
    package var connectTimeout: Duration = .seconds(2)
    /// After this the server gives a statement up. A client that hears nothing for ``silenceTimeout`` longer gives the
    /// connection up.
    package var statementTimeout: Duration = .seconds(10)
    package var silenceTimeout: Duration = .seconds(2)
    /// After this the server gives up waiting for a lock.
    package var lockTimeout: Duration = .seconds(2)
    /// Further settings of the session, for example `work_mem`.
    package var settings: [(name: String, value: String)] = []
    /// Statements sent and not answered yet.
    package var maximumInFlight = 16
    /// Statements that wait to be sent; one more fails with ``PostgresError/unavailable(_:)``.
    package var maximumWaiting = 256
    /// The pause before another attempt doubles from the first to the last of these.
    package var firstBackoff: Duration = .milliseconds(20)
    package var lastBackoff: Duration = .seconds(1)
    /// Spreads the pauses of several connections.
    package var backoffSeed: UInt64 = 1
    /// Called on the connection's thread; must return soon.
    package var onEvent: @Sendable (ConnectionEvent) -> Void = { _ in }

    package init(url: String, applicationName: String) {
        self.url = url
        self.applicationName = applicationName
    }

    /// What libpq is given. Those before `dbname` are defaults that the URL may replace, those after it are not.
    var parameters: [(keyword: String, value: String)] {
        [
            ("target_session_attrs", "read-write"), ("gssencmode", "disable"), ("keepalives_idle", "10"),
            ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("dbname", url),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
        ]
    }

    /// Sets up the session in one statement and says what came of it.
    ///
    /// `synchronous_commit` is on whatever the server's or the role's default is: guarantee G1 rests on it.
    var configuration: (statement: Statement, parameters: Parameters) {
        var parameters = Parameters()
        var columns: [String] = []
        let own = [
            ("synchronous_commit", "on"), ("statement_timeout", String(statementTimeout.wholeMilliseconds)),
            ("lock_timeout", String(lockTimeout.wholeMilliseconds)),
            ("idle_in_transaction_session_timeout", String((statementTimeout + silenceTimeout).wholeMilliseconds)),
        ]
        for (name, value) in own + settings.map({ ($0.name, $0.value) }) {
            parameters.text(name)
            parameters.text(value)
            columns.append("set_config($\(2 * columns.count + 1), $\(2 * columns.count + 2), false)")
        }
        return (Statement(once: "SELECT " + columns.joined(separator: ", ")), parameters)
    }
}

/// What happens to a connection.
package enum ConnectionEvent: Sendable, Hashable {
    case connected
    /// An attempt failed; another follows.
    case failedToConnect(String)
    /// A connection that was ready is gone, with this many statements whose outcome is unknown.
    case lost(String, outstanding: Int)
}
