import Foundation
import Testing

@Suite("Layers")
struct LayerTests {
    @Test("every target has a layer")
    func complete() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root + "/Sources")
        let targets = Set(folders.filter { !$0.hasPrefix(".") }).subtracting(["Web"])
        #expect(targets.subtracting(Layers.all).isEmpty)
        for target in Layers.swiftTargets {
            #expect(!SourceTree.files(in: SourceTree.directory(of: target)).isEmpty, "\(target) has sources")
        }
    }

    @Test("a target imports only from lower layers", arguments: Layers.swiftTargets)
    func imports(target: String) {
        let forbidden = Set(Layers.all).subtracting(Layers.allowed(target)).subtracting([target])
        for file in SourceTree.files(in: SourceTree.directory(of: target)) {
            let wrong = forbidden.intersection(file.imports)
            #expect(wrong.isEmpty, "\(file) imports \(wrong.sorted().joined(separator: ", "))")
        }
    }

    @Test("values and machines import no Foundation, no NIO, no logging, no C library", arguments: Layers.pure)
    func purity(target: String) {
        let allowed = Set(Layers.pure).union(["DequeModule", "_RopeModule", "Synchronization"])
        for file in SourceTree.files(in: SourceTree.directory(of: target)) {
            let wrong = Set(file.imports).subtracting(allowed)
            #expect(wrong.isEmpty, "\(file) imports \(wrong.sorted().joined(separator: ", "))")
        }
    }

    @Test(
        "values, machines and the runtime read no clock and draw no randomness of their own",
        arguments: Layers.clockless)
    func determinism(target: String) {
        let impure = [
            "ContinuousClock()", "ContinuousClock.now", "SuspendingClock", "SystemRandomNumberGenerator()", "Date()",
            "UUID()",
        ]
        for file in SourceTree.files(in: SourceTree.directory(of: target)) where file.name != Layers.clock {
            for (number, line) in file.lines.enumerated() where !line.drop(while: \.isWhitespace).hasPrefix("//") {
                let found = impure.filter { line.contains($0) }
                #expect(found.isEmpty, "\(file):\(number + 1) uses \(found.joined(separator: ", "))")
            }
        }
    }

    @Test("the reader of imports sees every form of an import")
    func readingImports() {
        let lines = [
            "import A", "package import B", "@testable import C", "@preconcurrency public import D",
            "internal import struct E.F", "@_spi(X) import G", "// import H", "let text = \"import I\"",
        ]
        let file = SourceTree.File(path: "x.swift", lines: lines.map { Substring($0) })
        #expect(file.imports == ["A", "B", "C", "D", "E", "G"])
    }
}
