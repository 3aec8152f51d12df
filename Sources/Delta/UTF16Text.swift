/// Text as UTF-16 code units, which is what positions and lengths count.
///
/// Kept as units rather than as a `String`, so that an offset is an index and an operation may cut anywhere.
public struct UTF16Text: Sendable {
    // One unit, the text of a key press, needs no allocation.
    private enum Storage: Sendable {
        case one(UInt16)
        case many([UInt16])
    }
    private var storage: Storage

    /// Makes empty text.
    public init() { storage = .many([]) }

    /// Makes text of units as they are; lone surrogates stay.
    public init(units: [UInt16]) {
        storage = units.count == 1 ? .one(units[0]) : .many(units)
    }

    /// Makes text of one unit.
    public init(unit: UInt16) { storage = .one(unit) }

    /// Makes text of a string's units.
    public init(_ string: some StringProtocol) {
        var units = [UInt16]()
        let utf8Count: Int? = string.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return -1 }
            units = [UInt16](unsafeUninitializedCapacity: bytes.count) { buffer, count in
                for index in bytes.indices { buffer[index] = UInt16(bytes[index]) }
                count = bytes.count
            }
            return bytes.count
        }
        if utf8Count == nil || utf8Count == -1 { units = Array(string.utf16) }
        self.init(units: units)
    }

    /// The number of units.
    public var count: Int {
        switch storage {
        case .one: 1
        case .many(let units): units.count
        }
    }
    /// Whether there is no unit.
    public var isEmpty: Bool { count == 0 }

    /// The units.
    public var units: [UInt16] {
        switch storage {
        case .one(let unit): [unit]
        case .many(let units): units
        }
    }

    /// The text as a string; a lone surrogate becomes U+FFFD.
    public var string: String {
        withUnits { String(decoding: $0, as: UTF16.self) }
    }

    /// The unit at an index.
    public subscript(index: Int) -> UInt16 {
        switch storage {
        case .one(let unit):
            precondition(index == 0, "index out of range")
            return unit
        case .many(let units): return units[index]
        }
    }

    /// A part of the text; a bound may split a surrogate pair.
    public subscript(range: Range<Int>) -> UTF16Text {
        switch storage {
        case .one(let unit):
            precondition(range.lowerBound >= 0 && range.upperBound <= 1, "range out of bounds")
            return range.isEmpty ? UTF16Text() : UTF16Text(unit: unit)
        case .many(let units):
            if range.count == 1 { return UTF16Text(unit: units[range.lowerBound]) }
            return range.count == units.count ? self : UTF16Text(units: Array(units[range]))
        }
    }

    /// Calls the closure with the units in contiguous memory, valid during the call.
    public func withUnits<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt16>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch storage {
        case .one(let unit):
            return try withUnsafePointer(to: unit) { (pointer) throws(Failure) in
                try body(UnsafeBufferPointer(start: pointer, count: 1))
            }
        case .many(let units):
            return try units.withUnsafeBufferPointer(body)
        }
    }

    /// Appends text, in time that is linear in it when the storage is not shared.
    public mutating func append(_ other: UTF16Text) {
        if other.isEmpty { return }
        var units = takeUnits(reserving: other.count)
        switch other.storage {
        case .one(let unit): units.append(unit)
        case .many(let more): units.append(contentsOf: more)
        }
        storage = units.count == 1 ? .one(units[0]) : .many(units)
    }

    /// Moves the units out, so that they are referred to once.
    private mutating func takeUnits(reserving count: Int) -> [UInt16] {
        var old = Storage.one(0)
        swap(&old, &storage)
        switch consume old {
        case .one(let unit):
            var units: [UInt16] = []
            units.reserveCapacity(1 + count)
            units.append(unit)
            return units
        case .many(let units):
            return units
        }
    }

    /// Whether every unit is text that a document may hold: no U+0000, no lone surrogate.
    var isValid: Bool {
        withUnits { units in
            // Nearly all text has neither, and this loop has no branches to keep it from being vectorised.
            var suspicious = false
            for unit in units { suspicious = suspicious || unit == 0 || unit & 0xF800 == 0xD800 }
            guard suspicious else { return true }
            var index = 0
            while index < units.count {
                let unit = units[index]
                if unit == 0 || unit & 0xFC00 == 0xDC00 { return false }
                if unit & 0xFC00 == 0xD800 {
                    index += 1
                    guard index < units.count, units[index] & 0xFC00 == 0xDC00 else { return false }
                }
                index += 1
            }
            return true
        }
    }
}

extension UTF16Text: Hashable {
    public static func == (left: UTF16Text, right: UTF16Text) -> Bool {
        left.count == right.count && left.withUnits { left in right.withUnits { left.elementsEqual($0) } }
    }
    public func hash(into hasher: inout Hasher) {
        withUnits { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(count)
    }
}

extension UTF16Text: ExpressibleByStringLiteral, CustomStringConvertible {
    public init(stringLiteral value: String) { self.init(value) }
    public var description: String { string }
}
