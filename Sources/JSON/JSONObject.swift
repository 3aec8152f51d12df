/// The members of a JSON object, kept sorted by the UTF-16 units of their keys.
///
/// That order is RFC 8785's (section 3.2.3), so canonical form needs no sorting, and equality does not depend on the
/// order in which members were written. Keys are told apart by their units, never by Unicode equivalence.
public struct JSONObject: Hashable, Sendable {
    /// One member.
    public struct Entry: Sendable {
        public var key: String
        public var value: JSONValue
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in key order.
    public private(set) var entries: [Entry]

    /// Makes an object without members.
    public init() { entries = [] }

    /// Makes an object of members in any order; of several with one key the last counts, as in ECMAScript.
    public init(_ members: [Entry]) {
        var sorted = true
        for index in members.indices.dropFirst() where !Self.precedes(members[index - 1].key, members[index].key) {
            sorted = false
            break
        }
        if sorted {
            entries = members
            return
        }
        // The standard library's sort is stable, so that among equal keys the last written stays last.
        var result = [Entry]()
        result.reserveCapacity(members.count)
        for entry in members.sorted(by: { Self.precedes($0.key, $1.key) }) {
            if let last = result.last, Self.isSame(last.key, entry.key) {
                result[result.count - 1] = entry
            } else {
                result.append(entry)
            }
        }
        entries = result
    }

    /// Whether there is no member.
    public var isEmpty: Bool { entries.isEmpty }
    /// The number of members.
    public var count: Int { entries.count }

    /// The value of a key; setting `nil` removes the member.
    public subscript(key: String) -> JSONValue? {
        get {
            let index = lowerBound(key)
            guard index < entries.count, Self.isSame(entries[index].key, key) else { return nil }
            return entries[index].value
        }
        set {
            let index = lowerBound(key)
            let found = index < entries.count && Self.isSame(entries[index].key, key)
            switch (found, newValue) {
            case (true, .some(let value)): entries[index].value = value
            case (true, nil): entries.remove(at: index)
            case (false, .some(let value)): entries.insert(Entry(key: key, value: value), at: index)
            case (false, nil): break
            }
        }
    }

    private func lowerBound(_ key: String) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(entries[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether two strings have the same units.
    static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
    }

    /// Whether `left` comes before `right` by UTF-16 units.
    public static func precedes(_ left: String, _ right: String) -> Bool {
        var left = left
        var right = right
        return left.withUTF8 { left in
            right.withUTF8 { right in
                let common = Swift.min(left.count, right.count)
                for index in 0..<common where left[index] != right[index] {
                    return rank(left[index]) < rank(right[index])
                }
                return left.count < right.count
            }
        }
    }

    /// UTF-8 sorts like UTF-16 but for U+E000 to U+FFFF (first bytes 0xEE and 0xEF), which in UTF-16 come after the
    /// surrogates, that is after everything with a first byte of 0xF0 and above.
    private static func rank(_ byte: UInt8) -> UInt8 {
        byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte
    }
}

extension JSONObject.Entry: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        JSONObject.isSame(left.key, right.key) && left.value == right.value
    }
    public func hash(into hasher: inout Hasher) {
        JSONValue.hash(key, into: &hasher)
        hasher.combine(value)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> [Entry].Iterator { entries.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { Entry(key: $0.0, value: $0.1) })
    }
}
