import Foundation
import Synchronization

/// Tells a load's lines apart by when they come.
final class LineWatch: Sendable {
    private let count = Mutex(0)

    /// Whether this is the line that says that the editors are connected; `true` once.
    func isFirst(_ line: String) -> Bool { next(line, "connected", 1) }

    /// Whether this is the line of the first second; `true` once.
    func isSecond(_ line: String) -> Bool { next(line, "edits/s", 1) }

    private func next(_ line: String, _ text: String, _ number: Int) -> Bool {
        guard line.contains(text) else { return false }
        return count.withLock {
            $0 += 1
            return $0 == number
        }
    }
}

/// Gives a closure the path of a file with this text, which is gone afterwards.
func withTemporaryFile(_ text: String, _ body: (String) async throws -> Void) async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("load-\(UUID().uuidString).json")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try await body(file.path)
}
