internal import Foundation
package import HistoryChecker

/// A history on disk.
package enum HistoryFile {
    private static let chunkBytes = 1 << 20

    /// Reads a history as anybody would, and judges it.
    ///
    /// - Throws: ``ScenarioError`` when it cannot be read, or what is wrong with it as a recording.
    package static func judge(
        _ path: String, settings: HistoryChecker.Settings = HistoryChecker.Settings()
    ) throws -> HistoryReport {
        guard let file = FileHandle(forReadingAtPath: path) else { throw ScenarioError("\(path) cannot be read") }
        defer { try? file.close() }
        var decoder = HistoryDecoder()
        var checker = HistoryChecker(settings: settings)
        while let chunk = try file.read(upToCount: chunkBytes), !chunk.isEmpty {
            try decoder.feed(Array(chunk)) { (event) throws(HistoryFault) in try checker.take(event) }
        }
        try decoder.finish { (event) throws(HistoryFault) in try checker.take(event) }
        return checker.finish()
    }
}
