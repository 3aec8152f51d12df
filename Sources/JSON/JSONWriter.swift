/// Appends JSON in UTF-8 to a buffer, with the commas put by itself.
///
/// Strings are escaped and numbers formatted as RFC 8785 has it (as ECMAScript's `JSON.stringify`), without white
/// space; what is written with its keys in order is therefore canonical.
public struct JSONWriter {
    /// What has been written.
    public private(set) var bytes: [UInt8]
    private var needsComma = false

    /// Starts with an empty buffer of the given capacity in bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Goes on behind what the buffer holds, so that buffers can be used again.
    public init(appendingTo buffer: consuming [UInt8]) { bytes = buffer }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Closes the innermost object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Closes the innermost array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a key that needs no escaping; its value must come next.
    public mutating func key(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a key; its value must come next.
    public mutating func key(string key: String) {
        separate()
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ string: some StringProtocol) {
        separate()
        appendQuoted(string)
        needsComma = true
    }

    /// Writes a string of UTF-16 units. A lone surrogate is written as an escape, as ECMAScript does.
    public mutating func utf16(_ units: UnsafeBufferPointer<UInt16>) {
        separate()
        JSONStringEncoder.append(units, to: &bytes)
        needsComma = true
    }

    /// Writes an integer.
    public mutating func int(_ value: some FixedWidthInteger) {
        separate()
        JSONNumberFormat.append(integer: value, to: &bytes)
        needsComma = true
    }

    /// Writes a number in ECMAScript's form; what is not finite becomes `null`, as there.
    public mutating func double(_ value: Double) {
        separate()
        JSONNumberFormat.append(value, to: &bytes)
        needsComma = true
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    /// Writes `null`.
    public mutating func null() { raw("null") }

    /// Writes a text, or `null` where there is none.
    public mutating func string(orNull string: String?) {
        if let string { self.string(string) } else { null() }
    }

    /// Writes a number, or `null` where there is none.
    public mutating func int(orNull value: (some FixedWidthInteger)?) {
        if let value { int(value) } else { null() }
    }

    /// Writes a value that is JSON already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a value that is JSON already.
    public mutating func raw(_ json: StaticString) {
        raw(UnsafeBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }

    /// Writes a tree, in canonical form.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): double(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object): self.object(object)
        }
    }

    /// Writes an object, in canonical form.
    public mutating func object(_ object: JSONObject) {
        beginObject()
        for entry in object.entries {
            key(string: entry.key)
            value(entry.value)
        }
        endObject()
    }

    private mutating func appendQuoted(_ string: some StringProtocol) {
        let done: Void? = string.utf8.withContiguousStorageIfAvailable { JSONStringEncoder.append($0, to: &bytes) }
        guard done == nil else { return }
        Array(string.utf8).withUnsafeBufferPointer { JSONStringEncoder.append($0, to: &bytes) }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}
