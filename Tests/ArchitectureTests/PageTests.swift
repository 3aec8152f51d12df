import Foundation
import Testing

/// The pages of the package, and what the sources say of them.
@Suite("Pages")
struct PageTests {
    /// Every Markdown page by its name; several may have one.
    private static let pages: [String: [String]] = {
        let base = URL(fileURLWithPath: SourceTree.root).resolvingSymlinksInPath().path
        var pages: [String: [String]] = [:]
        for top in ["Sources", "Tests", "Cluster", "Chaos", "Dashboards"] {
            let names = FileManager.default.enumerator(atPath: "\(base)/\(top)")?.compactMap { $0 as? String } ?? []
            for path in names where path.hasSuffix(".md") && !path.contains("node_modules") {
                guard let text = try? String(contentsOfFile: "\(base)/\(top)/\(path)", encoding: .utf8) else {
                    continue
                }
                pages[path.split(separator: "/").last.map(String.init) ?? path, default: []].append(text)
            }
        }
        return pages
    }()

    private static func headings(_ page: String) -> [String] {
        page.split(separator: "\n").compactMap { line in
            line.wholeMatch(of: /#+ (.+)/).map { String($0.output.1) }
        }
    }

    @Test("a page that a comment names is there, with the section that it names")
    func references() {
        var found = 0
        // The files of this target quote names that are none.
        for file in SourceTree.all where !file.path.hasPrefix("Tests/ArchitectureTests") {
            let text = file.text.replacing(/\n\s*\/\/\/? ?/, with: " ")
            for reference in text.matches(of: /([A-Za-z0-9-]+\.md)(, "([^"]+)"(?: and "([^"]+)")?)?/) {
                let name = String(reference.output.1)
                guard let pages = Self.pages[name] else {
                    // A page of the package's root, or one that a test writes.
                    if !["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].contains(name) {
                        Issue.record("\(file) names \(name), which is not there")
                    }
                    continue
                }
                found += 1
                for section in [reference.output.3, reference.output.4].compactMap({ $0 }) {
                    #expect(
                        pages.contains { Self.headings($0).contains(String(section)) },
                        "\(file) names \"\(section)\" of \(name), which is not there")
                }
            }
        }
        #expect(found > 40)
    }

    @Test("every route of the HTTP API has a place on its page")
    func routes() throws {
        let page = try #require(Self.pages["HTTPAPI.md"]?.first)
        var found = 0
        for file in SourceTree.files(in: "Sources/HTTPAPI/Routes") where file.name != "PageRoutes.swift" {
            for route in file.text.matches(of: /Route\(\.[a-z]+, "([^"]+)"\)/) {
                found += 1
                #expect(page.contains(String(route.output.1)), "\(route.output.1)")
            }
        }
        #expect(found > 15)
    }
}
