import CollabClientTesting
import CollabModel
import Delta

@testable import LoadGenerator

/// Runs a test against a cluster that is gone afterwards.
func withCluster(
    addresses: Int = 3, faults: LoopbackState.Faults? = nil, _ body: (LoopbackCluster) async throws -> Void
) async throws {
    let cluster = try await LoopbackCluster.start(addresses: addresses)
    do {
        if let faults { try await cluster.onLoop { $0.faults = faults } }
        try await body(cluster)
    } catch {
        try? await cluster.stop()
        throw error
    }
    try await cluster.stop()
}

extension LoadPlan {
    /// A short load on a cluster.
    static func brief(_ cluster: LoopbackCluster) async throws -> LoadPlan {
        var plan = LoadPlan(urls: try await cluster.urls)
        plan.editors = 6
        plan.rate = 20
        plan.warmUp = 0.2
        plan.duration = 1
        plan.settleWithin = 20
        return plan
    }
}
