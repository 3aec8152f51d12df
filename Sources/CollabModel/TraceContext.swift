/// Where an operation stands in a distributed trace: the values of a `traceparent` header (W3C Trace Context, level 1).
///
/// A value and nothing more, so that the layers that carry an operation can carry it along without knowing who traces.
public struct TraceContext: Hashable, Sendable {
    /// The trace; not zero.
    public var traceID: Identifier128
    /// The span that whoever gets this is a child of; not zero.
    public var spanID: UInt64
    /// The first bit: whoever made the span records it.
    public var flags: UInt8

    /// Whether the spans of this trace are recorded wherever the operation comes.
    public var isSampled: Bool {
        get { flags & 1 == 1 }
        set { flags = newValue ? flags | 1 : flags & ~1 }
    }

    /// - Parameters:
    ///   - traceID: not zero.
    ///   - spanID: not zero.
    public init(traceID: Identifier128, spanID: UInt64, flags: UInt8) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }

    /// Reads a `traceparent` (section 3.2); `nil` for what is none, so that a new trace is begun.
    ///
    /// A higher version than 0 may be longer; what it has beyond the known fields is ignored.
    public init?(traceparent text: some StringProtocol) {
        var text = String(text)
        guard let context = text.withUTF8({ TraceContext(utf8: $0) }) else { return nil }
        self = context
    }

    /// Reads the ASCII bytes of a `traceparent`.
    public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Self.number(text, 0..<2), version != 0xFF,
            text.count == 55 || (version > 0 && text[55] == dash),
            let high = Self.number(text, 3..<19), let low = Self.number(text, 19..<35), high | low != 0,
            let span = Self.number(text, 36..<52), span != 0, let flags = Self.number(text, 53..<55)
        else { return nil }
        self.init(traceID: Identifier128(high: high, low: low), spanID: span, flags: UInt8(flags))
    }

    /// The `traceparent` of version 0.
    public var traceparent: String { "00-\(traceIDText)-\(spanIDText)-\(Self.text(UInt64(flags), digits: 2))" }

    /// The trace id as 32 hexadecimal digits in lower case.
    public var traceIDText: String { Self.text(traceID.high, digits: 16) + Self.text(traceID.low, digits: 16) }

    /// The span id as 16 hexadecimal digits in lower case.
    public var spanIDText: String { Self.text(spanID, digits: 16) }

    /// A number as so many hexadecimal digits in lower case.
    private static func text(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// Upper case is not allowed.
    private static func number(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            let digit: UInt8
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = text[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = text[index] - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}
