internal import NIOCore
internal import RedisClient
internal import RuntimePorts

extension RedisLeaseStore {
    /// Sends commands; any error reply is an error.
    func send(_ commands: [RedisCommand], until deadline: NIODeadline) async throws(StoreUnavailable) -> [RedisValue] {
        do throws(RedisError) {
            return try accepted(try await client.send(commands, until: deadline))
        } catch {
            throw unavailable(error)
        }
    }

    /// Calls scripts; any error reply is an error.
    func evaluate(
        _ calls: [RedisScript.Call], until deadline: NIODeadline
    ) async throws(StoreUnavailable) -> [RedisValue] {
        do throws(RedisError) {
            return try accepted(try await client.evaluate(calls, until: deadline))
        } catch {
            throw unavailable(error)
        }
    }

    /// What to say of a reply that no release of this program has written.
    func unreadable(_ what: String) -> StoreUnavailable {
        StoreUnavailable("Redis at \(client.endpoint) answered \(what) with something unreadable")
    }

    private func accepted(_ replies: [RedisValue]) throws(RedisError) -> [RedisValue] {
        for case .error(let message) in replies {
            throw RedisError(.refused, "\(client.endpoint) answered: \(message)")
        }
        return replies
    }

    private func unavailable(_ error: RedisError) -> StoreUnavailable {
        StoreUnavailable("Redis is not available (\(error.code.rawValue)): \(error)")
    }
}
