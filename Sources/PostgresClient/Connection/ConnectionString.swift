internal import CPQ
internal import Glibc

/// A connection string of PostgreSQL, as libpq reads it (PostgreSQL manual, "Connection Strings").
package enum ConnectionString {
    /// What is wrong with a string, without repeating it; `nil` when libpq understands it.
    ///
    /// What libpq itself says of one has parts of the password in it, and would say so at every attempt to connect.
    package static func fault(in string: String) -> String? {
        guard let options = PQconninfoParse(string, nil) else {
            return """
                it is neither a URL such as postgresql://user:password@host:port/database nor of the form keyword=value \
                (in a URL the password's %, @, : and / are written %25, %40, %3A and %2F)
                """
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if strcmp(keyword, "host") == 0, let host = option.pointee.val, strchr(host, CInt(UInt8(ascii: "@"))) != nil
            {
                return "its host has an @ (in a password it is written %40)"
            }
            option += 1
        }
        return nil
    }
}
