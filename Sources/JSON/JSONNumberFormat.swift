/// Formats numbers as ECMAScript does (ECMA-262, Number::toString), which RFC 8785 requires.
enum JSONNumberFormat {
    /// Appends an integer in decimal.
    static func append(integer value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        var magnitude = UInt64(truncatingIfNeeded: value.magnitude)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        if magnitude < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude))
            return
        }
        let start = bytes.count
        while magnitude > 0 {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder))
            magnitude = quotient
        }
        bytes[start...].reverse()
    }

    /// The value as an integer, if it is one of at most 2^53 - 1 in absolute value.
    ///
    /// Not by `Int(exactly:)`: that calls the C library's `trunc`, which a program that imports nothing does not link.
    static func integer(_ value: Double) -> Int? {
        guard value.magnitude <= 9_007_199_254_740_991 else { return nil }
        let integer = Int(value)
        return Double(integer) == value ? integer : nil
    }

    /// Appends a number; `null` for what is not finite.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        guard value.isFinite else {
            bytes.append(contentsOf: "null".utf8)
            return
        }
        if value.magnitude < 1e15, let integer = integer(value) {
            append(integer: integer, to: &bytes)
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let (digits, point) = decimal(value.magnitude)
        switch point {
        case digits.count...21 where digits.count <= 21:
            bytes.append(contentsOf: digits)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        case 1...21:
            bytes.append(contentsOf: digits[..<point])
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[point...])
        case -5...0:
            bytes.append(contentsOf: "0.".utf8)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            bytes.append(contentsOf: digits)
        default:
            bytes.append(digits[0])
            if digits.count > 1 {
                bytes.append(UInt8(ascii: "."))
                bytes.append(contentsOf: digits[1...])
            }
            bytes.append(UInt8(ascii: "e"))
            if point > 0 { bytes.append(UInt8(ascii: "+")) }
            append(integer: point - 1, to: &bytes)
        }
    }

    /// The shortest digits that read back as the value, and where the decimal point stands relative to the first.
    ///
    /// The digits are those of the standard library's `description`, which are the shortest and closest ones, as
    /// ECMAScript asks; only the notation differs.
    private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits = [UInt8]()
        var point = 0
        var sawPoint = false
        var exponent = 0
        let text = Array(value.description.utf8)
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: ".") {
                sawPoint = true
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[index...], as: UTF8.self)) ?? 0
                break
            } else {
                if digits.isEmpty && byte == UInt8(ascii: "0") {
                    if sawPoint { point -= 1 }
                    continue
                }
                digits.append(byte)
                if !sawPoint { point += 1 }
            }
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, point + exponent)
    }
}
