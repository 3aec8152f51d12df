/// The commands that begin a connection.
enum LoginSequence {
    /// `AUTH` if there is a password.
    static func authentication(_ endpoint: RedisEndpoint) -> [RedisCommand] {
        guard let password = endpoint.password else { return [] }
        return [RedisCommand("AUTH", arguments: [endpoint.user, password].compactMap { $0 })]
    }

    /// `AUTH`, `SELECT`, and a `PING` that a server which is still loading its data refuses.
    static func commands(_ endpoint: RedisEndpoint) -> [RedisCommand] {
        var commands = authentication(endpoint)
        if endpoint.database != 0 { commands.append(RedisCommand("SELECT", String(endpoint.database))) }
        commands.append(RedisCommand("PING"))
        return commands
    }

    /// The first refusal among the replies.
    static func refusal(in replies: [RedisValue], by endpoint: RedisEndpoint) -> RedisError? {
        for case .error(let message) in replies {
            return RedisError(.notConnected, "\(endpoint) refused the login: \(message)")
        }
        return nil
    }
}
