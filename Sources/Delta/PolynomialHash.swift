/// Arithmetic of the digest: modulo the prime 2^31 - 1.
enum PolynomialHash {
    static let modulus: UInt64 = 0x7FFF_FFFF
}
