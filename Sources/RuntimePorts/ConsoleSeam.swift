/// What a gateway gives a console's feed to reach one operator's page. Called from any thread; never blocks.
package protocol ConsoleOutbox: AnyObject, Sendable {
    /// Whether everything that was sent before has left: otherwise a message is left out rather than queued.
    var isReady: Bool { get }
    /// Sends one message, JSON in UTF-8.
    func send(_ message: [UInt8])
}

/// Names an open console to its feed.
package struct ConsoleToken: Sendable, Hashable {
    package var value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// Feeds the consoles that look at this node's view of the cluster.
package protocol ConsoleHost: Sendable {
    /// Begins to send: the whole state first, then changes. `nil`: too many consoles are open. Never blocks.
    func open(_ outbox: any ConsoleOutbox) -> ConsoleToken?
    /// The console is gone. Called once for each that was opened.
    func close(_ token: ConsoleToken)
}
