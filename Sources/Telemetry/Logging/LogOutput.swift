internal import Glibc

/// Where log lines go.
package struct LogOutput: Sendable {
    /// Writes one whole line, the newline included.
    let write: @Sendable ([UInt8]) -> Void

    /// Sends lines to `write`, for instance to keep them in a test.
    package init(_ write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    /// Standard error, each line by one write(2), so that the lines of several threads and processes do not mix: a
    /// file opened for appending and a pipe (up to `PIPE_BUF`) keep one write together.
    package static let standardError = LogOutput { line in
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // Nobody reads, or the disk is full: a log that cannot be written has nowhere to say so.
                return
            }
        }
    }
}
