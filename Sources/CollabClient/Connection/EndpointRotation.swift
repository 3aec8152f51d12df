/// Which node is called next: the nodes in turn, beginning with the first, each once before the session waits.
struct EndpointRotation: Sendable {
    private let endpoints: [NodeEndpoint]
    private var index = 0
    private var failures = 0

    /// - Precondition: there is at least one.
    init(_ endpoints: [NodeEndpoint]) {
        precondition(!endpoints.isEmpty, "a session needs the URL of a node")
        self.endpoints = endpoints
    }

    var current: NodeEndpoint { endpoints[index] }
    var hasOthers: Bool { endpoints.count > 1 }

    /// The node answered: it is kept.
    mutating func succeeded() { failures = 0 }

    /// The connection is gone: another node is next.
    mutating func advance() { index = (index + 1) % endpoints.count }

    /// The node could not be had; whether another is worth calling before a wait.
    mutating func failed() -> Bool {
        advance()
        failures += 1
        guard failures >= endpoints.count else { return true }
        failures = 0
        return false
    }
}
