import LocalCluster
import NIOCore
import NIOPosix
import Testing

/// A condition that did not come true.
struct NeverTrue: Error, CustomStringConvertible {
    var what: String
    var limit: Duration
    var description: String { "not true within \(limit): \(what)" }
}

/// Asks again and again until the answer is yes: for what another process does and tells nobody.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverTrue(what: what, limit: limit) }
        try await elapse(.milliseconds(25))
    }
}

/// Returns after a time that is itself part of a scenario: how long a load lasts or a process stays stopped.
func elapse(_ time: TimeAmount) async throws {
    try await MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: time) {}.futureResult.get()
}

/// One cluster for all tests of a suite, for those that break nothing.
struct SharedCluster: SuiteTrait, TestScoping {
    @TaskLocal private static var running: LocalCluster?

    /// The suite's cluster.
    static var current: LocalCluster {
        get throws { try #require(running, "the suite lacks the trait .sharedCluster") }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withLocalCluster(nodes: 3) { cluster in
            try await Self.$running.withValue(cluster) { try await function() }
        }
    }
}

extension Trait where Self == SharedCluster {
    /// Runs the suite's tests on one cluster of three nodes.
    static var sharedCluster: SharedCluster { SharedCluster() }
}
