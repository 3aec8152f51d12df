import Foundation
import Testing

@testable import LocalCluster

@Suite("Processes are known by id and start time")
struct ProcessIdentityTests {
    private func sleeper() throws -> ProcessIdentity {
        try Program("/bin/sleep", ["60"]).start(log: "/dev/null")
    }

    @Test("a record with another start time is another process: it is not signalled")
    func staleRecord() async throws {
        let process = try sleeper()
        let stale = ProcessIdentity(pid: process.pid, startTime: process.startTime - 1)
        #expect(!stale.exists)
        #expect(try !stale.send(.kill))
        #expect(await stale.waitForExit(within: .zero))
        #expect(process.exists)

        #expect(try process.send(.kill))
        #expect(await process.waitForExit(within: .seconds(5)))
        #expect(!process.exists)
        #expect(try !process.send(.kill))
    }

    @Test("stopped and continued are told apart")
    func stopped() async throws {
        let process = try sleeper()
        try process.send(.stop)
        while process.condition == .alive { await Task.yield() }
        #expect(process.condition == .stopped)
        try process.send(.resume)
        while process.condition == .stopped { await Task.yield() }
        #expect(process.condition == .alive)
        try process.send(.kill)
        #expect(await process.waitForExit(within: .seconds(5)))
    }

    @Test("the name in /proc/PID/stat may hold spaces and parentheses")
    func statParsing() throws {
        let fields = "42 (a b) c) S 7 " + (5...21).map(String.init).joined(separator: " ") + " 987654 23 24"
        let stat = try #require(ProcessStat(parsing: fields))
        #expect(stat.state == "S")
        #expect(stat.parent == 7)
        #expect(stat.startTime == 987_654)
        #expect(ProcessStat(parsing: "42 (x) S 7") == nil)
        #expect(ProcessStat(parsing: "") == nil)
    }

    @Test("a started process leads a session of its own and inherits no descriptor")
    func session() async throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: log) }
        let output = try await Program("/bin/sh", ["-c", "ls /proc/$$/fd; cut -d' ' -f6 /proc/$$/stat; echo $$"]).run()
        let lines = output.split(separator: "\n")
        #expect(lines.dropLast(2) == ["0", "1", "2"])
        #expect(lines[lines.count - 1] == lines[lines.count - 2], "its session is named after itself")
    }

    @Test("A word of the environment is another at every start")
    func startMark() async throws {
        let program = Program("/bin/sh", ["-c", "echo $NAME"], environment: ["NAME": "a-\(Program.startMark)-b"])
        let (first, second) = (try await program.run(), try await program.run())
        #expect(first.hasPrefix("a-") && first.hasSuffix("-b\n") && first.utf8.count > 5)
        #expect(!first.contains(Program.startMark))
        #expect(first != second)
    }

    @Test("a command that fails or hangs is an error with what it printed")
    func failures() async throws {
        let failure = await #expect(throws: LocalClusterError.self) {
            try await Program("/bin/sh", ["-c", "echo words >&2; exit 3"]).run()
        }
        #expect(failure?.message.contains("words") == true)
        await #expect(throws: LocalClusterError.self) {
            try await Program("/bin/sleep", ["60"]).run(timeout: .milliseconds(50))
        }
        await #expect(throws: LocalClusterError.self) { try await Program("/no/such/program").run() }
    }
}
