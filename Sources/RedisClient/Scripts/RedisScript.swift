/// A Lua script that touches exactly one key, so that it also works on a Redis Cluster.
package struct RedisScript: Sendable, Hashable {
    package let source: String
    /// The name under which the server keeps it.
    package let digest: String

    /// Describes a script.
    package init(_ source: String) {
        self.source = source
        digest = ScriptDigest.hexadecimal(source)
    }

    /// A call of the script on a key.
    package func call(_ key: String, _ arguments: String...) -> Call {
        Call(script: self, key: key, arguments: arguments)
    }

    /// A script with its key and arguments.
    package struct Call: Sendable, Hashable {
        package var script: RedisScript
        package var key: String
        package var arguments: [String]

        /// By digest: short, but refused with `NOSCRIPT` by a server that does not know it.
        package var byDigest: RedisCommand {
            RedisCommand("EVALSHA", arguments: [script.digest, "1", key] + arguments)
        }

        /// By source, after which the server knows it.
        package var bySource: RedisCommand {
            RedisCommand("EVAL", arguments: [script.source, "1", key] + arguments)
        }
    }
}
