internal import Foundation

/// Reads the end of a log.
package enum LogFile {
    /// The last lines of a file, at most 16 KiB of it; empty when it cannot be read.
    package static func tail(of path: String, lines: Int = 20) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        let length = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: length > 16_384 ? length - 16_384 : 0)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
