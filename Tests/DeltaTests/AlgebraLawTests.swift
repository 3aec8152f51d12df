import Delta
import Randomness
import Testing

/// The laws of the algebra on random documents and operations. A failure names its seed.
@Suite struct AlgebraLawTests {
    static let seeds = UInt64(1)...400

    @Test(arguments: seeds)
    func concurrentOperationsConverge(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        let a = random.operation(on: document.documentUnits)
        let b = random.operation(on: document.documentUnits)
        let left = a.compose(a.transform(b, priority: true))
        let right = b.compose(b.transform(a, priority: false))
        #expect(document.compose(left) == document.compose(right), "seed \(seed): \(document) \(a) \(b)")
        #expect(
            document.compose(a).compose(a.transform(b, priority: true))
                == document.compose(b).compose(b.transform(a, priority: false)),
            "seed \(seed): \(document) \(a) \(b)")
    }

    @Test(arguments: seeds)
    func composeIsAssociative(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        let a = random.operation(on: document.documentUnits)
        let afterA = document.compose(a)
        let b = random.operation(on: afterA.documentUnits)
        let afterB = afterA.compose(b)
        let c = random.operation(on: afterB.documentUnits)
        #expect(document.compose(a.compose(b)) == afterB, "seed \(seed): \(document) \(a) \(b)")
        #expect(
            document.compose(a.compose(b).compose(c)) == document.compose(a.compose(b.compose(c))),
            "seed \(seed): \(document) \(a) \(b) \(c)")
    }

    @Test(arguments: seeds)
    func invertUndoes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        let operation = random.operation(on: document.documentUnits)
        let undo = operation.invert(document)
        #expect(document.compose(operation).compose(undo) == document, "seed \(seed): \(document) \(operation)")
    }

    @Test(arguments: seeds)
    func diffLeadsToItsTarget(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        // Half of the targets are near, half have little in common with the document.
        let target =
            seed % 2 == 0 ? random.document() : document.compose(random.operation(on: document.documentUnits))
        let diff = try document.diff(target)
        #expect(document.compose(diff) == target, "seed \(seed): \(document) to \(target) by \(diff)")
    }

    @Test(arguments: seeds)
    func jsonReadsBackWhatWasWritten(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        let operation = random.operation(on: document.documentUnits)
        for delta in [document, operation] {
            #expect(try Delta(jsonUTF8: delta.jsonUTF8) == delta, "seed \(seed): \(delta)")
            #expect(try Delta("{\"ops\":\(delta)}") == delta, "seed \(seed): \(delta)")
        }
    }

    @Test(arguments: seeds)
    func aPositionMovesLikeAnInsertThere(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        let operation = random.operation(on: document.documentUnits)
        for position in 0...document.length {
            var marker = Delta()
            marker.retain(position)
            marker.insert("|")
            for priority in [true, false] {
                // quill-delta's two priorities are opposite: here it is the position that an insert there does not move.
                let moved = operation.transform(marker, priority: !priority)
                var offset = 0
                for op in moved.ops {
                    if case .insert = op { break }
                    offset += op.length
                }
                #expect(
                    operation.transformPosition(position, priority: priority) == offset,
                    "seed \(seed): \(operation) at \(position), priority \(priority)")
            }
        }
    }

    @Test(arguments: seeds)
    func slicesPutTogetherAreTheWhole(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let document = random.document()
        let cut = random.below(document.length + 1)
        let whole = document.slice(from: 0, to: cut).concat(document.slice(from: cut))
        #expect(whole == document, "seed \(seed): \(document) at \(cut)")
    }
}
