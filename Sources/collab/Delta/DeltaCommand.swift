import ArgumentParser
import DeltaLines

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `collab delta`: answers JSON lines on standard input, so that other implementations can be compared.
struct DeltaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delta",
        abstract: "Answer JSON lines on standard input with the algebra of deltas.",
        discussion: """
            Each line is one call and is answered by one line, {"result":…} or {"error":{"code":…,"message":…}}.

              {"op":"compose","a":[…],"b":[…]}
              {"op":"transform","a":[…],"b":[…],"priority":true}      b over a
              {"op":"invert","a":[…],"doc":[…]}
              {"op":"diff","a":[…],"b":[…]}
              {"op":"apply","doc":[…],"a":[…]}                        refuses what an owner refuses
              {"op":"transformPosition","a":[…],"index":5,"priority":true}
              {"op":"replay","file":"trace.json.gz"}
            """)

    /// The longest line that is read, in bytes.
    static let maximumLineLength = 256 << 20

    func run() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let service = DeltaLineService { start.duration(to: clock.now) }
        var splitter = LineSplitter(maximumLength: Self.maximumLineLength)
        var output: [UInt8] = []
        func answer(_ line: LineSplitter.Line) {
            switch line {
            case .line(let bytes): output += service.answer(bytes)
            case .tooLong:
                output += DeltaLineService.answer(.tooLarge("a line has at most \(Self.maximumLineLength) bytes"))
            }
            output.append(0x0A)
        }
        var input = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = input.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            splitter.feed(input[..<count], answer)
            try Self.write(&output)
        }
        splitter.finish(answer)
        try Self.write(&output)
    }

    /// Writes everything and empties the buffer; whoever reads has gone when that fails.
    private static func write(_ output: inout [UInt8]) throws {
        var written = 0
        while written < output.count {
            let count = output[written...].withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
                #elseif canImport(Musl)
                    Musl.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
                #else
                    Darwin.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw ExitCode.failure }
            written += count
        }
        output.removeAll(keepingCapacity: true)
    }
}
