import Foundation
import Logging
import RuntimePorts
import Synchronization
import Testing

@testable import Telemetry

@Suite("Logs")
struct JSONLogHandlerTests {
    /// Keeps the lines that a logger writes.
    private final class Lines: Sendable {
        let suppressed = Mutex(0)
        private let all = Mutex<[[UInt8]]>([])
        var output: LogOutput { LogOutput { line in self.all.withLock { $0.append(line) } } }

        func objects() throws -> [[String: Any]] {
            try all.withLock { $0 }.map { line in
                #expect(line.last == UInt8(ascii: "\n"))
                #expect(!line.dropLast().contains(UInt8(ascii: "\n")))
                return try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            }
        }

        func control(_ level: Logger.Level = .info, clock: any RuntimeClock = FixedClock()) -> LogControl {
            LogControl(level: level, clock: clock) { self.suppressed.withLock { $0 += 1 } }
        }

        func logger(control: LogControl, provider: Logger.MetadataProvider? = nil) -> Logger {
            Logger(label: "owner") { label in
                JSONLogHandler(
                    label: label, serverID: "node-1", version: "1.2.3", control: control, metadataProvider: provider,
                    output: self.output)
            }
        }

        func logger(level: Logger.Level = .info, provider: Logger.MetadataProvider? = nil) -> Logger {
            logger(control: control(level), provider: provider)
        }
    }

    /// A clock that is moved by hand.
    private final class HandClock: RuntimeClock {
        let seconds = Mutex(0.0)
        func monotonicMicroseconds() -> Int64 { Int64(seconds.withLock { $0 } * 1e6) }
        func wallMicroseconds() -> Int64 { FixedClock.wall }
        func sleep(for duration: Duration) async throws { throw CancellationError() }
    }

    @Test("an event is one line with level, service, server_id, version, event, time and its metadata")
    func fields() throws {
        let lines = Lines()
        lines.logger().info("document taken over", metadata: ["epoch": "7", "path": ["a", "b"], "more": ["x": "1"]])
        let object = try #require(try lines.objects().first)
        #expect(object["level"] as? String == "info")
        #expect(object["service"] as? String == "collab")
        #expect(object["server_id"] as? String == "node-1")
        #expect(object["version"] as? String == "1.2.3")
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

    @Test("an error at error and above says where it was logged: by its context, and by the calls from there on")
    func stacks() throws {
        struct Broken: Error {}
        @inline(never) func failing(_ logger: Logger) {
            logger.error("failed", error: Broken())
            logger.critical("failed for good", error: Broken(), metadata: ["context": "PUT /x"])
        }
        let lines = Lines()
        let logger = lines.logger()
        failing(logger)
        logger.warning("passing", error: Broken())
        logger.error("without an error")
        let objects = try lines.objects()
        #expect(objects.map { $0["context"] as? String } == ["TelemetryTests failing(_:)", "PUT /x", nil, nil])
        let stacks = objects.map { ($0["stack"] as? String)?.split(separator: "\n") }
        for stack in stacks.prefix(2) {
            let calls = try #require(stack)
            #expect(calls.first?.contains("failing") == true, "\(calls)")
            #expect(calls.first?.contains("(TelemetryTests/JSONLogHandlerTests.swift:") == true, "\(calls)")
            #expect(calls.contains { $0.contains("stacks()") }, "\(calls)")
            #expect(!calls.contains { $0.contains("JSONLogHandler.log") || $0.contains("Logger.") }, "\(calls)")
        }
        #expect(stacks.suffix(2).allSatisfy { $0 == nil })
    }

    @Test("what is below the level is not written")
    func levels() throws {
        let lines = Lines()
        let logger = lines.logger(level: .warning)
        logger.info("no")
        logger.warning("yes")
        #expect(try lines.objects().map { $0["event"] as? String } == ["yes"])
    }

    @Test("the level of all loggers changes while they are used, but not of one that has its own")
    func levelChanges() throws {
        let lines = Lines()
        let control = lines.control(.info)
        let logger = lines.logger(control: control)
        var own = logger
        own.logLevel = .error
        logger.debug("no")
        control.level = .debug
        #expect(logger.logLevel == .debug && own.logLevel == .error)
        logger.debug("yes")
        own.warning("no")
        control.level = .critical
        logger.error("no")
        #expect(try lines.objects().map { $0["event"] as? String } == ["yes"])
    }

    @Test("numbers and booleans are such in the line, and other values are text")
    func numbers() throws {
        let lines = Lines()
        lines.logger().info(
            "x",
            metadata: [
                "int": .stringConvertible(7), "long": .stringConvertible(Int64.max), "double": .stringConvertible(0.5),
                "nan": .stringConvertible(Double.nan), "bool": .stringConvertible(true), "text": "7",
            ])
        let object = try #require(try lines.objects().first)
        #expect(object["int"] as? Int == 7)
        #expect(object["long"] as? Int64 == .max)
        #expect(object["double"] as? Double == 0.5)
        #expect(object["nan"] as? String == "nan")
        #expect(object["bool"] as? Bool == true)
        #expect(object["text"] as? String == "7")
    }

    @Test(
        "an event that repeats too often is suppressed and counted, others are not; later its next line says how many")
    func repeats() throws {
        let lines = Lines()
        let clock = HandClock()
        let logger = lines.logger(control: lines.control(clock: clock))
        let burst = Int(RepeatLimit.Rate.of(.info).burst)
        for number in 0..<burst + 50 { logger.info("session \(number)", metadata: ["event": "ws_connect"]) }
        logger.info("other")
        logger.warning("the same at another level", metadata: ["event": "ws_connect"])
        #expect(try lines.objects().count == burst + 2)
        #expect(lines.suppressed.withLock { $0 } == 50)
        #expect(try lines.objects().allSatisfy { $0["suppressed"] == nil })
        clock.seconds.withLock { $0 = 1 }
        for _ in 0..<2 { logger.info("again", metadata: ["event": "ws_connect"]) }
        let last = try lines.objects().suffix(2)
        #expect(last.map { $0["suppressed"] as? Int } == [50, nil])
    }

    @Test("events without end are bounded in memory, and what is beyond the bound is still limited")
    func events() throws {
        let lines = Lines()
        let logger = lines.logger()
        let burst = Int(RepeatLimit.Rate.of(.info).burst)
        for number in 0..<RepeatLimit.events + burst + 30 { logger.info("event \(number)") }
        #expect(try lines.objects().count == RepeatLimit.events + burst)
        #expect(lines.suppressed.withLock { $0 } == 30)
    }
}
