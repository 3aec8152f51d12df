@testable import RedisClient

extension RedisReplyReader {
    /// Takes an array's bytes in. (A closure with typed throws in `withUnsafeBytes` crashes the 6.3.1 compiler.)
    mutating func read(_ bytes: some Sequence<UInt8>, into replies: inout [RedisValue]) throws(RedisError) {
        let failure = Array(bytes).withUnsafeBytes { bytes -> RedisError? in
            do throws(RedisError) {
                try read(bytes, into: &replies)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
