/// The FNV-1a hash (Fowler, Noll, Vo; 32 bits).
enum FNV1a {
    static func hash32(_ bytes: [UInt8]) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }
}
