internal import AMQPClient
internal import ArgumentParser
internal import Foundation
internal import LocalCluster

/// `collab feed`.
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Prints the changes that a queue of the change feed has, and takes them from it.",
        discussion: """
            A change is one JSON object on a line. \
            A change leaves the queue when its line has been written. It may come again after a failure: versions of a \
            document that were seen already are to be passed over.
            """)

    @Option(help: "RabbitMQ (default: COLLAB_RABBITMQ, else that of the local cluster).") var url: String?
    @Option(help: "The queue: one of the nodes' --feed-queues.") var queue = ClusterPlan.feedQueue
    @Option(help: "End after so many changes.") var limit: Int?

    func validate() throws {
        guard limit ?? 1 > 0 else { throw ValidationError("--limit is positive") }
    }

    func run() async throws {
        let interrupted = try await Interruption.cancelling {
            do {
                try await follow()
            } catch let error as AMQPError {
                Console.error("error: \(error)")
                throw ExitCode.failure
            }
        }
        if interrupted { throw ExitCode(130) }
    }

    /// Goes on with a new connection when one is lost; that the first cannot be made is an error.
    private func follow() async throws {
        let url = try AMQPURL(parsing: await address())
        var progress = Progress()
        while !Task.isCancelled, progress.shown < limit ?? .max {
            do {
                try await follow(url, &progress)
            } catch let error as AMQPError where progress.isFollowing && error.code != .invalidArgument {
                Console.error("\(error); trying again")
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func follow(_ url: AMQPURL, _ progress: inout Progress) async throws {
        let connection = try await connect(to: url, isFirst: !progress.isFollowing)
        let result: Result<Void, any Error>
        do {
            try await show(connection, &progress)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await connection.close()
        try result.get()
    }

    private func connect(to url: AMQPURL, isFirst: Bool) async throws(AMQPError) -> AMQPConnection {
        do {
            return try await AMQPConnection.connect(to: url)
        } catch {
            guard isFirst, error.code == .notConnected else { throw error }
            let hint = "is RabbitMQ there? `collab cluster up --rabbitmq` starts one with the cluster"
            throw AMQPError(.notConnected, "\(error.message) (\(hint))")
        }
    }

    private func show(_ connection: AMQPConnection, _ progress: inout Progress) async throws {
        guard try await connection.depth(ofQueue: queue) != nil else {
            throw AMQPError(.refused, "there is no queue \(queue); nodes declare those of their --feed-queues")
        }
        // What is taken and not shown goes back to the queue.
        try await connection.consume(queue, prefetch: limit.map { UInt16(min($0, 100)) } ?? 100)
        progress.isFollowing = true
        while !Task.isCancelled, progress.shown < limit ?? .max {
            guard let delivery = try await connection.next(timeout: .milliseconds(250)) else { continue }
            try FileHandle.standardOutput.write(contentsOf: Data(delivery.body + [UInt8(ascii: "\n")]))
            try await connection.acknowledge(delivery.tag)
            progress.shown += 1
        }
    }

    private struct Progress {
        var shown = 0
        /// Whether the queue has been read from.
        var isFollowing = false
    }

    private func address() async -> String {
        if let url = url ?? ProcessInfo.processInfo.environment["COLLAB_RABBITMQ"] { return url }
        return (try? await LocalCluster.open(.standard).rabbitMQ.url)
            ?? "amqp://guest:guest@127.0.0.1:\(ClusterPorts().rabbitMQ)/"
    }
}
