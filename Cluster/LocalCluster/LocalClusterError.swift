/// Why the local cluster could not do what was asked.
package struct LocalClusterError: Error, CustomStringConvertible, Sendable {
    /// A stable name of the reason, such as `port_taken` or `not_ready`.
    package let code: String
    /// What happened and what helps, for a person.
    package let message: String

    /// Makes an error.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
