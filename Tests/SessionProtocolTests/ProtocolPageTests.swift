import CollabModel
import Delta
import Foundation
import JSON
import SessionProtocol
import Testing

/// The page that other people write their clients from (`SessionProtocol.docc/protocol.md`).
@Suite struct ProtocolPageTests {
    private static let page: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Sources/SessionProtocol/SessionProtocol.docc/protocol.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    private static func section(_ title: String) -> Substring {
        guard let start = page.firstRange(of: "\n## \(title)\n") else { return "" }
        let rest = page[start.upperBound...]
        return rest[..<(rest.firstRange(of: "\n## ")?.lowerBound ?? rest.endIndex)]
    }

    /// The messages that a section shows, one a line.
    private static func examples(_ title: String) -> [String] {
        section(title).split(separator: "\n").filter { $0.hasPrefix("{") }.map(String.init)
    }

    /// The types that the first column of a section's table names.
    private static func types(_ title: String) -> [String] {
        section(title).split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
        }
    }

    private static func isSame(_ written: [UInt8], _ text: String) throws -> Bool {
        try JSONValue(utf8: written) == JSONValue(utf8: Array(text.utf8))
    }

    @Test func `every message of a node that the page shows is what a node writes`() throws {
        let examples = Self.examples("Server to client")
        #expect(examples.count == 10)
        for text in examples {
            let frame = try ServerFrame(decoding: Array(text.utf8))
            #expect(try Self.isSame(frame.jsonUTF8, text), "\(text)")
            switch frame {
            case .initial(let opening): #expect(opening.digest == Digest(of: opening.content))
            case .resync(let resync): #expect(resync.digest == Digest(of: resync.content))
            default: break
            }
        }
    }

    @Test func `every message of a client that the page shows is what a client writes`() throws {
        let examples = Self.examples("Client to server")
        #expect(examples.count == 6)
        for text in examples {
            #expect(try Self.isSame(ClientFrame(decoding: Array(text.utf8)).jsonUTF8, text), "\(text)")
        }
    }

    @Test func `the page names every message that there is, and no other`() throws {
        let server = Self.types("Server to client")
        #expect(server.count == 15)
        for type in server {
            let frame = try? ServerFrame(decoding: Array(#"{"type":"\#(type)"}"#.utf8))
            #expect(frame != .unknown(type: type), "\(type)")
        }
        let client = Self.types("Client to server")
        #expect(client.count == 5)
        for type in client {
            var reason = ""
            do { _ = try ClientFrame(decoding: Array(#"{"type":"\#(type)"}"#.utf8)) } catch { reason = error.message }
            #expect(!reason.contains("unknown type"), "\(type)")
        }
    }

    @Test(arguments: ErrorCode.allCases) func `the page says what a client does about an error`(code: ErrorCode) {
        #expect(Self.section("What becomes of an operation that is not acknowledged").contains("`\(code.rawValue)`"))
    }

    @Test(arguments: CloseCode.allCases) func `the page has the close code`(code: CloseCode) {
        #expect(Self.section("Closing").contains("\(code.rawValue)"))
    }
}
