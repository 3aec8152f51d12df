internal import CNGHTTP2

/// The fields of a request or a response in order, names in lower case, as UTF-8 bytes in one buffer: a block that is
/// sent or compared often costs no string.
package struct HTTP2HeaderBlock: Sendable, Hashable {
    private struct Field: Sendable, Hashable {
        var nameStart: Int
        var valueStart: Int
        var end: Int
    }

    private var bytes: [UInt8] = []
    private var fields: [Field] = []

    package init() {}

    /// Makes a block of the given fields. Names are in lower case; pseudo-header fields come first.
    package init(_ fields: [(name: String, value: String)]) {
        for field in fields { append(field.name, field.value) }
    }

    package var count: Int { fields.count }
    /// The bytes of all names and values.
    package var byteCount: Int { bytes.count }

    package mutating func append(_ name: String, _ value: String) {
        append(name: name.utf8, value: value.utf8)
    }

    mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let nameStart = bytes.count
        bytes.append(contentsOf: name)
        let valueStart = bytes.count
        bytes.append(contentsOf: value)
        fields.append(Field(nameStart: nameStart, valueStart: valueStart, end: bytes.count))
    }

    /// The value of the first field with the name; `nil` if there is none. Bytes that are not UTF-8 are replaced.
    package func value(of name: String) -> String? {
        for field in fields where bytes[field.nameStart..<field.valueStart].elementsEqual(name.utf8) {
            return String(decoding: bytes[field.valueStart..<field.end], as: UTF8.self)
        }
        return nil
    }

    /// Calls `body` with the fields in the library's form, valid during the call only.
    func withNameValues<Result>(_ body: (UnsafePointer<nghttp2_nv>, Int) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { storage in
            // The library takes pointers to mutable bytes and does not write through them (nghttp2.h, nghttp2_nv).
            let base = UnsafeMutablePointer(mutating: storage.baseAddress)
            return withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(fields.count, 1)) { values in
                for (index, field) in fields.enumerated() {
                    values.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: base.map { $0 + field.nameStart }, value: base.map { $0 + field.valueStart },
                            namelen: field.valueStart - field.nameStart, valuelen: field.end - field.valueStart,
                            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                }
                guard let start = values.baseAddress else {
                    preconditionFailure("a temporary allocation has an address")
                }
                return body(UnsafePointer(start), fields.count)
            }
        }
    }
}
