import Delta
import Randomness
import Testing

@Suite struct DocumentContentTests {
    static let seeds = UInt64(1)...150

    @Test func anEmptyDocumentIsOneLineFeed() throws {
        let content = DocumentContent()
        #expect(content.delta == (try Delta(#"[{"insert":"\n"}]"#)))
        #expect(content.length == 1)
        #expect(content.text == "\n")
        #expect(content.digest.description == "0000000a0000000a")
    }

    @Test(arguments: seeds)
    func applyIsCompose(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var expected = random.document(ops: 30, textLength: 60)
        var content = try DocumentContent(expected)
        content.checkInvariants()
        for step in 0..<40 {
            let operation = random.operation(
                on: expected.documentUnits, ops: 6, reach: 40, insertLength: step % 10 == 0 ? 3_000 : 12)
            let undo = try content.invert(operation)
            #expect(undo == operation.invert(expected), "seed \(seed), step \(step)")
            expected = expected.compose(operation)
            try content.apply(operation)
            content.checkInvariants()
            #expect(content.delta == expected.normalized, "seed \(seed), step \(step): \(operation)")
            #expect(content.digest == Digest(of: expected), "seed \(seed), step \(step): \(operation)")
            #expect(content.length == expected.length)
        }
        #expect(content.text == String(decoding: expected.documentUnits, as: UTF16.self))
        #expect(try DocumentContent(expected) == content, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...12)
    func aLargeDocumentStaysBalancedWhileItGrowsAndShrinks(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var expected = random.document(ops: 400, textLength: 200)
        var content = try DocumentContent(expected)
        for step in 0..<60 {
            let units = expected.documentUnits
            let operation = random.operation(
                on: units, ops: 3, reach: max(1, units.count / 3), insertLength: 4_000)
            expected = expected.compose(operation)
            try content.apply(operation)
            content.checkInvariants()
            #expect(content.digest == Digest(of: expected), "seed \(seed), step \(step)")
        }
        #expect(content.delta == expected.normalized, "seed \(seed)")
        try content.apply(Delta(ops: [.delete(max(1, content.length))]))
        #expect(content.length == 0)
        #expect(content.digest == Digest(of: Delta()))
        content.checkInvariants()
        var insert = Delta()
        insert.insert("back")
        try content.apply(insert)
        #expect(content.text == "back")
    }

    @Test(arguments: UInt64(1)...20)
    func anOlderCopyIsNotChangedByEdits(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var content = try DocumentContent(random.document(ops: 60, textLength: 80))
        var copies: [(DocumentContent, Delta, Digest)] = []
        for _ in 0..<30 {
            copies.append((content, content.delta, content.digest))
            try content.apply(random.operation(on: content.units(in: 0..<content.length), reach: 50))
        }
        for (copy, delta, digest) in copies {
            copy.checkInvariants()
            #expect(copy.delta == delta, "seed \(seed)")
            #expect(copy.digest == digest, "seed \(seed)")
            #expect(Digest(of: delta) == digest, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(1)...50)
    func aSliceIsTheSliceOfTheWhole(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let content = try DocumentContent(random.document(ops: 60, textLength: 80))
        let units = content.units(in: 0..<content.length)
        let from = random.below(content.length + 1)
        let range = from..<from + random.below(content.length - from + 1)
        #expect(content.slice(range) == content.delta.slice(range).normalized, "seed \(seed): \(range)")
        #expect(content.units(in: range) == Array(units[range]), "seed \(seed): \(range)")
        for position in range { #expect(content.unit(at: position) == units[position], "seed \(seed)") }
    }

    @Test func positionsAreClampedToTheDocumentAndOutOfSurrogatePairs() throws {
        let content = try DocumentContent(Delta(#"[{"insert":"a😀\n"}]"#))
        #expect([-1, 0, 1, 2, 3, 4, 5].map(content.clamp) == [0, 0, 1, 1, 3, 4, 4])
        #expect((0...4).map(content.isSurrogateSplit) == [false, false, true, false, false])
    }
}

extension Delta {
    /// The document with pieces that belong together as one.
    var normalized: Delta {
        var result = Delta()
        for op in ops { result.push(op) }
        return result
    }
}
