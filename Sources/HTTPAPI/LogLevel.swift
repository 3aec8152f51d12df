package import Logging

/// The level of the node's logs, as the API reads and sets it.
package struct LogLevel: Sendable {
    let read: @Sendable () -> Logger.Level
    let write: @Sendable (Logger.Level) -> Void

    package init(
        read: @escaping @Sendable () -> Logger.Level, write: @escaping @Sendable (Logger.Level) -> Void
    ) {
        self.read = read
        self.write = write
    }
}
