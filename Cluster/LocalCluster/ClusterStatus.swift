/// What a local cluster does now, as `collab cluster status --json` prints it.
package struct ClusterStatus: Encodable, Sendable {
    /// What a node does.
    package enum Condition: String, Encodable, Sendable {
        /// It answers that it is ready.
        case running
        /// It answers that it is not ready: it starts, or misses something.
        case notReady = "not-ready"
        /// It hands its documents over, or has done so and takes no others.
        case draining
        /// It was stopped by a signal.
        case stopped
        /// Its process has ended.
        case exited
        /// Its process is there but does not answer.
        case unreachable
    }

    /// A node.
    package struct Node: Encodable, Sendable {
        package let id: String
        package let url: String
        /// The process id; `nil` when it has ended.
        @NullWhenAbsent package private(set) var pid: Int32?
        package let state: Condition
        /// How many documents it owns; `nil` when it does not answer.
        @NullWhenAbsent package private(set) var documents: Int?
    }

    /// A server beside the nodes.
    package struct Server: Encodable, Sendable {
        /// What commands call it, such as `redis`.
        package let name: String
        package let url: String
        /// The process id; `nil` when it has ended.
        @NullWhenAbsent package private(set) var pid: Int32?
        /// ``Condition/running``, ``Condition/stopped`` or ``Condition/exited``: of the process, not of what it answers.
        package let state: Condition
    }

    package let nodes: [Node]
    /// The servers that the cluster was started with.
    package let servers: [Server]
}

/// Writes its key also where there is no value, which `Encodable` leaves out.
@propertyWrapper
package struct NullWhenAbsent<Value: Encodable & Sendable>: Encodable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}
