internal import AMQPClient
internal import CollabModel
internal import Foundation
internal import LoadGenerator

/// Reads the change feed from a queue that has had every change, as a consumer does that passes over what it has already.
struct FeedReading {
    let url: String
    let queue: String

    private struct Message: Decodable {
        let documentId: String
        let version: Int
    }

    /// Reads until every document has been published as far as its log goes.
    ///
    /// - Parameter heads: the last version of each document.
    /// - Returns: what was left out or has not come within the time; empty when everything was published.
    func missing(of heads: [DocumentID: Int], within time: Duration) async throws -> [String] {
        let connection = try await AMQPConnection.connect(to: AMQPURL(parsing: url))
        do {
            let missing = try await read(connection, heads, until: .now + time)
            await connection.close()
            return missing
        } catch {
            await connection.close()
            throw error
        }
    }

    private func read(
        _ connection: AMQPConnection, _ heads: [DocumentID: Int], until end: ContinuousClock.Instant
    ) async throws -> [String] {
        var reached: [DocumentID: Int] = [:]
        var gaps: [String] = []
        try await connection.consume(queue)
        while heads.contains(where: { reached[$0.key, default: 0] < $0.value }), ContinuousClock.now < end {
            guard let delivery = try await connection.next(timeout: .milliseconds(500)) else { continue }
            let message = try JSONDecoder().decode(Message.self, from: Data(delivery.body))
            if let document = DocumentID(message.documentId) {
                let last = reached[document, default: 0]
                if message.version > last + 1 {
                    gaps.append("the change feed of \(document) goes from version \(last) to \(message.version)")
                }
                reached[document] = max(last, message.version)
            }
            try await connection.acknowledge(delivery.tag)
        }
        return gaps
            + heads.filter { reached[$0.key, default: 0] < $0.value }.map { document, head in
                "\(document) was published up to version \(reached[document, default: 0]) of \(head)"
            }
    }
}
