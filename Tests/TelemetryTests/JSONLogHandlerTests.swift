import Foundation
import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite("Logs")
struct JSONLogHandlerTests {
    /// Keeps the lines that a logger writes.
    private final class Lines: Sendable {
        private let all = Mutex<[[UInt8]]>([])
        var output: LogOutput { LogOutput { line in self.all.withLock { $0.append(line) } } }

        func objects() throws -> [[String: Any]] {
            try all.withLock { $0 }.map { line in
                #expect(line.last == UInt8(ascii: "\n"))
                #expect(!line.dropLast().contains(UInt8(ascii: "\n")))
                return try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            }
        }

        func logger(level: Logger.Level = .info, provider: Logger.MetadataProvider? = nil) -> Logger {
            Logger(label: "owner") { label in
                JSONLogHandler(
                    label: label, serverID: "node-1", level: level, metadataProvider: provider, output: self.output)
            }
        }
    }

    @Test("an event is one line with level, service, server_id, event, time and its metadata")
    func fields() throws {
        let lines = Lines()
        lines.logger().info("document taken over", metadata: ["epoch": "7", "path": ["a", "b"], "more": ["x": "1"]])
        let object = try #require(try lines.objects().first)
        #expect(object["level"] as? String == "info")
        #expect(object["service"] as? String == "collab")
        #expect(object["server_id"] as? String == "node-1")
        #expect(object["event"] as? String == "document taken over")
        #expect(object["epoch"] as? String == "7")
        #expect(object["path"] as? [String] == ["a", "b"])
        #expect((object["more"] as? [String: String]) == ["x": "1"])
        let time = try #require(object["time"] as? String)
        #expect(
            try abs(
                Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)).timeIntervalSinceNow)
                < 60)
    }

    @Test("a named event keeps its message, and metadata cannot hide a field")
    func eventAndCollisions() throws {
        let lines = Lines()
        lines.logger().warning("slow", metadata: ["event": "append_slow", "level": "deep", "server_id": "forged"])
        let object = try #require(try lines.objects().first)
        #expect(object["event"] as? String == "append_slow")
        #expect(object["message"] as? String == "slow")
        #expect(object["level"] as? String == "warning")
        #expect(object["level_"] as? String == "deep")
        #expect(object["server_id"] as? String == "node-1")
    }

    @Test("what a person typed cannot break a line: quotes, newlines, control characters, emoji")
    func hostileText() throws {
        let lines = Lines()
        let text = "a\"b\\c\nd\u{0}\u{1F600}\u{2028}"
        lines.logger().error("\(text)", metadata: ["\(text)": "\(text)"])
        let object = try #require(try lines.objects().first)
        #expect(object["event"] as? String == text)
        #expect(object[text] as? String == text)
    }

    @Test("an error is written with its type, the logger's metadata lies under the provider's and the event's")
    func mergeAndErrors() throws {
        struct Broken: Error, CustomStringConvertible { let description = "it broke" }
        let lines = Lines()
        var logger = lines.logger(provider: Logger.MetadataProvider { ["a": "provider", "b": "provider"] })
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.error("failed", error: Broken(), metadata: ["b": "event"])
        let object = try #require(try lines.objects().first)
        #expect(object["a"] as? String == "provider")
        #expect(object["b"] as? String == "event")
        #expect(object["c"] as? String == "logger")
        #expect(object["error_type"] as? String == "Broken")
        #expect(object["error_message"] as? String == "it broke")
    }

    @Test("what is below the level is not written")
    func levels() throws {
        let lines = Lines()
        let logger = lines.logger(level: .warning)
        logger.info("no")
        logger.warning("yes")
        #expect(try lines.objects().map { $0["event"] as? String } == ["yes"])
    }
}
