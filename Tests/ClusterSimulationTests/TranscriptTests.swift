import ClusterSimulation
import Foundation
import Testing

@Suite("Transcripts", .serialized, .timeLimit(.minutes(4)))
struct TranscriptTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Chaos/Transcripts")

    static let names = ["failover", "handoff", "isolated-owner", "late-handoff", "resend", "split-view", "zombie"]

    @Test(
        "a cluster does what its transcript says (collab simulate --transcripts FILE --write writes it anew)",
        arguments: names)
    func transcript(name: String) async throws {
        let path = Self.directory.appendingPathComponent("\(name).txt").path
        let answer = try await SimulationProgram.run(["--transcripts", path])
        #expect(answer.contains("as written"))
    }

    @Test("every transcript is played")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
        #expect(files.filter { $0.hasSuffix(".txt") }.sorted() == Self.names.map { "\($0).txt" })
    }

    @Test("a transcript is read as it is written, and another outcome is shown")
    func format() {
        let text = """
            # About.
            nodes 3
            ----
            first line
            second line

            run 1 s
            ----

            """
        let file = TranscriptFile(text)
        #expect(file.text == text)
        #expect(file.difference(from: file) == nil)
        let other = TranscriptFile(text.replacing("second", with: "third"))
        #expect(other.difference(from: file)?.contains("third line\ninstead of\n  second line") == true)
    }
}
