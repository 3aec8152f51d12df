import Delta
import JSON
import Randomness
import Testing

@Suite struct DigestTests {
    /// The definition, once more and in no hurry: protocol.md, `digest`.
    static func definition(_ document: Delta) -> String {
        func fnv(_ bytes: [UInt8]) -> UInt32 { bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 } }
        let modulus: UInt64 = 2_147_483_647
        var numbers: [UInt64] = []
        for op in document.ops {
            var term: UInt64 = 0
            if !op.attributes.isEmpty {
                term = UInt64(fnv(JSONValue.object(op.attributes.object).canonicalUTF8) % 512) * 2_097_152
            }
            switch op {
            case .insert(let text, _): numbers += text.units.map { (UInt64($0) + term) % modulus }
            case .embed(let embed, _):
                numbers.append((65_536 + UInt64(fnv(embed.value.canonicalUTF8) % 1_048_576) + term) % modulus)
            default: Issue.record("not a document")
            }
        }
        return [131 as UInt64, 65_599].map { base in
            let hash = numbers.reduce(0) { ($0 * base + $1) % modulus }
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    @Test(arguments: UInt64(1)...200)
    func treeAndOnePassAgreeWithTheDefinition(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let document = random.document(ops: 40, textLength: 100)
        let expected = Self.definition(document)
        #expect(Digest(of: document).description == expected, "seed \(seed)")
        #expect(try DocumentContent(document).digest.description == expected, "seed \(seed)")
    }

    @Test func theTextFormIsReadBack() {
        let digest = Digest(of: Delta(ops: [.insert("Hello, wörld 😀", ["bold": true])]))
        #expect(Digest(digest.description) == digest)
        #expect(Digest(digest.description.uppercased()) == digest)
        #expect(Digest("0123456789abcdef")?.rawValue == 0x0123_4567_89AB_CDEF)
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "+123456789abcdef"] {
            #expect(Digest(wrong) == nil)
        }
    }
}
