internal import Foundation

/// What the commands show to a person.
enum Console {
    /// Writes a line to standard output.
    static func line(_ text: String) { write(text, to: .standardOutput) }

    /// Writes a line to standard error.
    static func error(_ text: String) { write(text, to: .standardError) }

    private static func write(_ text: String, to handle: FileHandle) {
        // Nobody reads any more: there is nobody to tell.
        try? handle.write(contentsOf: Data((text + "\n").utf8))
    }
}
