package import NIOCore

extension RedisClient {
    /// Calls scripts together and returns their replies in order, error replies among them.
    ///
    /// Those that the server does not know (it was restarted or emptied) were not executed and are sent again by
    /// source, within the same timeout; they then come after the others.
    ///
    /// - Throws: ``RedisError``; look at ``RedisError/isOutcomeUnknown``.
    package func evaluate(
        _ calls: [RedisScript.Call], until deadline: NIODeadline
    ) async throws(RedisError) -> [RedisValue] {
        var replies = try await send(calls.map(\.byDigest), until: deadline)
        let unknown = replies.indices.filter { replies[$0].isError("NOSCRIPT") }
        let again = try await send(unknown.map { calls[$0].bySource }, until: deadline)
        for (index, reply) in zip(unknown, again) { replies[index] = reply }
        return replies
    }

    /// Calls one script.
    ///
    /// - Throws: ``RedisError``; an error reply has the code `refused`.
    package func evaluate(_ call: RedisScript.Call, timeout: Duration? = nil) async throws(RedisError) -> RedisValue {
        let reply = try await evaluate([call], until: deadline(timeout)).first ?? .null
        if case .error(let message) = reply { throw RedisError(.refused, "\(endpoint) answered: \(message)") }
        return reply
    }
}
