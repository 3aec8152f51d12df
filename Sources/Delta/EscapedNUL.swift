extension [UInt8] {
    /// Whether these bytes, canonical JSON (RFC 8785), hold the character U+0000 in a name or a string. It is always
    /// written as `\\u0000` there (RFC 8259, section 7: control characters must be escaped).
    var holdsEscapedNUL: Bool {
        var index = 0
        while index + 5 < count {
            guard self[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            // A backslash and what it escapes, so that an escaped backslash before `u0000` is not taken for this.
            if self[index + 1] == UInt8(ascii: "u"), self[index + 2..<index + 6].allSatisfy({ $0 == UInt8(ascii: "0") })
            {
                return true
            }
            index += 2
        }
        return false
    }
}
