package import CollabModel
package import PeerProtocol

/// What the process of a node uses.
package struct ProcessUsage: Sendable, Hashable {
    /// Time of all processors since the process began.
    package var processorMicroseconds: Int64
    /// Memory in use; 0 where the system does not say.
    package var residentBytes: Int64
    package init(processorMicroseconds: Int64 = 0, residentBytes: Int64 = 0) {
        self.processorMicroseconds = processorMicroseconds
        self.residentBytes = residentBytes
    }
}

/// What a member answered an operator's question with.
package struct MemberReport: Sendable, Hashable {
    package enum Answer: Sendable, Hashable {
        case report(NodeReport)
        /// It did not answer; why, for people.
        case silent(String)
    }
    /// As its node lease has it.
    package var record: NodeRecord
    package var answer: Answer
    package init(record: NodeRecord, answer: Answer) {
        self.record = record
        self.answer = answer
    }
}

/// Asks the nodes how they are.
package protocol ClusterReports: Sendable {
    /// Asks every member, this node among them, at the same time; ordered by id. Returns within the time, whatever the
    /// members do.
    func reports(_ query: ReportQuery, within timeout: Duration) async -> [MemberReport]
}
