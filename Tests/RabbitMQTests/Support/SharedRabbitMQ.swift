import Foundation
import LocalCluster
import Testing

/// One RabbitMQ for all tests of a suite, one after the other. A test that breaks it mends it.
struct SharedRabbitMQ: SuiteTrait, TestScoping {
    @TaskLocal private static var running: RabbitMQServer?

    /// The suite's server.
    static var current: RabbitMQServer {
        get throws { try #require(running, "the suite lacks the trait .sharedRabbitMQ") }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withRabbitMQ { server in
            try await Self.$running.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == SharedRabbitMQ {
    /// Runs the suite's tests on one RabbitMQ.
    static var sharedRabbitMQ: SharedRabbitMQ { SharedRabbitMQ() }
}

/// Runs `body` with an empty RabbitMQ of its own in a temporary directory and always takes it down.
///
/// - Parameter settings: lines of `rabbitmq.conf`.
func withRabbitMQ<Result: Sendable>(
    settings: String = "", _ body: (RabbitMQServer) async throws -> Result
) async throws -> Result {
    let ports = try PortBlock()
    let directory = "/tmp/collab-rabbitmq-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let server = RabbitMQServer(
        directory: directory, log: directory + "/rabbitmq.out", port: ports[0], distributionPort: ports[1],
        epmdPort: ports[2], settings: settings)
    let result: Result
    do {
        try await server.start()
        result = try await body(server)
    } catch {
        try await server.stop()
        throw error
    }
    try await server.stop()
    withExtendedLifetime(ports) {}
    return result
}
