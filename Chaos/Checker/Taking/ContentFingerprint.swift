internal import Delta
internal import JSON

/// A hash of a document's content of the checker's own, over every unit with its attributes in full.
///
/// The digest of the protocol has 9 bits of a unit's attributes; by this one, contents that differ in them alone differ.
struct ContentFingerprint: Hashable, Sendable {
    private(set) var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    private(set) var length = 0
    /// Whether there is nothing in it but line feeds without attributes.
    private(set) var isBlank = true

    /// The fingerprint of a document, however its text is divided into inserts.
    init(of document: Delta) {
        for op in document.ops {
            switch op {
            case .insert(let text, let attributes):
                let term = Self.term(attributes)
                if term != 0 { isBlank = false }
                text.withUnits { units in
                    for unit in units {
                        if unit != 10 { isBlank = false }
                        add(UInt64(unit), term)
                    }
                }
            case .embed(let embed, let attributes):
                isBlank = false
                add(Self.hash(embed.value.canonicalUTF8) | 1 << 32, Self.term(attributes))
            case .retain, .retainEmbed, .delete:
                // No document: unlike every one.
                add(.max, UInt64(op.length))
            }
        }
    }

    private mutating func add(_ unit: UInt64, _ term: UInt64) {
        var value = (hash ^ unit) &* 0xD6E8_FEB8_6659_FD93
        value ^= value >> 32
        hash = (value &+ term) &* 0xC2B2_AE3D_27D4_EB4F
        length += 1
    }

    private static func term(_ attributes: Attributes) -> UInt64 {
        attributes.isEmpty ? 0 : hash(JSONValue.object(attributes.object).canonicalUTF8)
    }

    /// FNV-1a (Fowler, Noll, Vo), 64 bits.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
