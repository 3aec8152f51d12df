import Testing

@Suite("Simulated clusters", .serialized, .timeLimit(.minutes(8)))
struct CampaignTests {
    @Test("no promise is broken under faults, and the same seeds do the same in another process")
    func campaign() async throws {
        let arguments = ["--seeds", "1-6", "--hours", "0.02", "--jobs", "2", "--no-shorten"]
        let first = try await SimulationProgram.run(arguments)
        #expect(first.contains("no promise was broken"), "\(first)")
        let hash = try #require(SimulationProgram.line("trace hash", of: first))
        let second = try await SimulationProgram.run(arguments)
        #expect(SimulationProgram.line("trace hash", of: second) == hash)
        let others = try await SimulationProgram.run(["--seeds", "7", "--hours", "0.02", "--jobs", "1"])
        #expect(SimulationProgram.line("trace hash", of: others) != hash)
    }

    @Test("a replay tells what happens and ends as the run did")
    func replay() async throws {
        let told = try await SimulationProgram.run(["--replay", "2", "--hours", "0.01", "--faults", "2"])
        #expect(told.contains("owns a document"), "the nodes' own words")
        #expect(told.contains("e1 → n"), "what editors send")
        #expect(told.contains("-- everything is healed"))
        #expect(told.split(separator: "\n").count { $0.contains(" -- ") } == 3, "two faults, and their end")
    }

    @Test(
        "arguments that make no sense are refused",
        arguments: [["--seeds", "9-1"], ["--seeds", "x"], ["--jobs", "0"]])
    func refusals(arguments: [String]) async {
        await #expect(throws: LocalClusterFailure.self) {
            do { _ = try await SimulationProgram.run(arguments) } catch { throw LocalClusterFailure() }
        }
    }

    private struct LocalClusterFailure: Error {}
}
