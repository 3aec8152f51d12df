/// Cuts a stream of bytes into lines, with a bound on their length.
package struct LineSplitter: Sendable {
    /// A line without its end, or the news that one was too long.
    package enum Line: Hashable, Sendable {
        case line([UInt8])
        case tooLong
    }

    private let maximumLength: Int
    private var pending: [UInt8] = []
    private var isSkipping = false

    /// Makes a splitter for lines of at most so many bytes.
    package init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// Takes the next bytes and gives each line that they end.
    package mutating func feed(_ bytes: some Collection<UInt8>, _ body: (Line) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end])
            rest = rest[rest.index(after: end)...]
            flush(body)
        }
        append(rest)
    }

    /// Gives what is left at the end of the stream, if anything.
    package mutating func finish(_ body: (Line) -> Void) {
        if isSkipping || !pending.isEmpty { flush(body) }
    }

    private mutating func append(_ bytes: some Collection<UInt8>) {
        guard !isSkipping else { return }
        if pending.count + bytes.count > maximumLength {
            isSkipping = true
            pending = []
        } else {
            pending.append(contentsOf: bytes)
        }
    }

    private mutating func flush(_ body: (Line) -> Void) {
        if pending.last == 0x0D { pending.removeLast() }
        body(isSkipping ? .tooLong : .line(pending))
        isSkipping = false
        pending.removeAll(keepingCapacity: true)
    }
}
