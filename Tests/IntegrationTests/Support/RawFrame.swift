import NIOCore

/// A WebSocket frame as bytes (RFC 6455, section 5.2): also one that must not be sent.
struct RawFrame {
    var opcode: UInt8
    var payload: [UInt8]

    /// Reads a server's frame, which is not masked; `nil` when more bytes must come.
    init?(reading buffer: inout ByteBuffer) {
        var reader = buffer
        guard let first = reader.readInteger(as: UInt8.self), let second = reader.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(second)
        if second == 126 {
            guard let word = reader.readInteger(as: UInt16.self) else { return nil }
            length = Int(word)
        } else if second == 127 {
            guard let word = reader.readInteger(as: UInt64.self) else { return nil }
            length = Int(word)
        }
        guard let payload = reader.readBytes(length: length) else { return nil }
        buffer = reader
        opcode = first & 15
        self.payload = payload
    }

    /// Writes a client's frame.
    static func encode(opcode: UInt8, isFinal: Bool = true, isMasked: Bool = true, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        // A key of zeros: masking is then the identity.
        if isMasked { bytes += [0, 0, 0, 0] }
        return bytes + payload
    }
}
