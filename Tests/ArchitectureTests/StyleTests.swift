import Foundation
import Testing

@Suite("Style")
struct StyleTests {
    @Test("a file has at most 400 lines, and most have at most 250")
    func fileSizes() {
        let files = SourceTree.all
        #expect(files.count > Layers.swiftTargets.count)
        for file in files {
            #expect(file.lines.count <= 400, "\(file) has \(file.lines.count) lines; split it by what it is about")
        }
        let long = files.filter { $0.lines.count > 250 }
        #expect(
            long.count * 10 <= files.count,
            "more than a tenth is over 250 lines: \(long.map(\.path).joined(separator: ", "))")
    }

    @Test("nothing is named for having no name: Utils, Manager, Helper, Common")
    func names() throws {
        let empty = ["Util", "Utils", "Utilities", "Manager", "Helper", "Helpers", "Common", "Misc"]
        func isEmpty(_ name: some StringProtocol) -> Bool { empty.contains { name.hasSuffix($0) } }
        let declaration = try Regex(#"\b(?:struct|class|enum|actor|protocol|extension)\s+(\w+)"#)
        for file in SourceTree.all {
            for part in file.path.split(separator: "/") {
                let words = part.split(whereSeparator: { $0 == "." || $0 == "+" })
                #expect(!words.contains { isEmpty($0) }, "\(file)")
            }
            for (number, line) in file.lines.enumerated() where empty.contains(where: { line.contains($0) }) {
                guard let match = line.firstMatch(of: declaration), let name = match.output[1].substring else {
                    continue
                }
                #expect(!isEmpty(name), "\(file):\(number + 1) declares \(name)")
            }
        }
    }

    @Test(
        "nothing is left to do, tried by force or told by printing",
        arguments: ["TODO", "FIXME", "XXX", "try!", "print("])
    func leftovers(word: String) {
        for file in SourceTree.program {
            for (number, line) in file.lines.enumerated() {
                guard let found = line.range(of: word) else { continue }
                let before = line[..<found.lowerBound].last
                let isWord = before.map { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." } ?? true
                let isComment = line.drop(while: \.isWhitespace).hasPrefix("//") && word == "print("
                #expect(!isWord || isComment, "\(file):\(number + 1): \(line)")
            }
        }
    }

    @Test("what the compiler cannot check says why it is sound")
    func unchecked() {
        for file in SourceTree.program {
            for (number, line) in file.lines.enumerated() where line.contains("@unchecked Sendable") {
                let before = file.lines[max(0, number - 12)...number]
                #expect(before.contains { $0.contains("//") }, "\(file):\(number + 1) gives no reason")
            }
        }
    }

    @Test(
        "every target has a page that says how to read it",
        arguments: Layers.swiftTargets.filter { !$0.hasPrefix("collab") })
    func catalogs(target: String) {
        let page = "\(SourceTree.root)/\(SourceTree.directory(of: target))/\(target).docc/\(target).md"
        #expect(FileManager.default.fileExists(atPath: page), "\(target).docc/\(target).md")
    }

    @Test("a test never sleeps, but between two looks at a condition that has a deadline")
    func sleeping() {
        for file in SourceTree.files(in: "Tests") where !file.path.hasPrefix("Tests/ArchitectureTests") {
            // What a benchmark waits for is time itself.
            guard !file.path.hasSuffix("Benchmark.swift") else { continue }
            for (number, line) in file.lines.enumerated() where line.contains("Task.sleep(") {
                let before = file.lines[max(0, number - 2)..<number]
                #expect(before.contains { $0.contains("deadline") }, "\(file):\(number + 1)")
            }
        }
    }
}
