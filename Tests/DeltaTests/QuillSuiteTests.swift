import Delta
import Foundation
import JSON
import Testing

/// What quill-delta 5.1.0 answered in its own test suite.
@Suite struct QuillSuiteTests {
    struct Vector: CustomTestStringConvertible {
        let number: Int
        let json: JSONValue
        var call: String { json["call"]?.string ?? "" }
        var arguments: [JSONValue] { json["args"]?.array ?? [] }
        var testDescription: String { "\(number) \(json["test"]?.string ?? ""): \(call)" }
    }

    static let vectors: [Vector] = {
        guard let url = Bundle.module.url(forResource: "Fixtures/quill-delta-suite", withExtension: "json"),
            let data = try? Data(contentsOf: url), let suite = try? JSONValue(utf8: Array(data)),
            let vectors = suite["vectors"]?.array
        else { return [] }
        return vectors.enumerated().map { Vector(number: $0.offset, json: $0.element) }
    }()

    /// The rule that quill-delta's tests register: an embed that holds a delta.
    static let rules = EmbedRules([
        "delta": EmbedRule(
            compose: { value, change, _ throws(DeltaError) in
                try Self.delta(value).compose(try Self.delta(change)).json
            },
            invert: { change, value throws(DeltaError) in try Self.delta(change).invert(try Self.delta(value)).json },
            transform: { value, other, priority throws(DeltaError) in
                try Self.delta(value).transform(try Self.delta(other), priority: priority).json
            })
    ])

    static func delta(_ json: JSONValue) throws(DeltaError) -> Delta { try Delta(jsonUTF8: json.canonicalUTF8) }

    @Test func theSuiteIsWhole() { #expect(Self.vectors.count == 162) }

    @Test(arguments: vectors)
    func everyRecordedCallHasTheRecordedResult(_ vector: Vector) throws {
        let arguments = vector.arguments
        if let message = vector.json["throws"]?.string {
            let error = #expect(throws: DeltaError.self) { _ = try Self.perform(vector.call, vector.json, arguments) }
            switch error {
            case .notADocument: #expect(message.contains("non-document"))
            case .embedMismatch: #expect(message.contains("not matched") || message.contains("cannot retain"))
            case .noEmbedRule(let type): #expect(message == "no handlers for embed type \"\(type)\"")
            default: Issue.record("\(String(describing: error)) for \(message)")
            }
            return
        }
        let result = try #require(vector.json["result"])
        switch try Self.perform(vector.call, vector.json, arguments) {
        case .delta(let delta): #expect(try delta == Delta(result), "\(vector.json)")
        case .attributes(let attributes): #expect(attributes == Attributes(result.object ?? [:]), "\(vector.json)")
        case .number(let number): #expect(number == result.int, "\(vector.json)")
        }
    }

    enum Answer {
        case delta(Delta)
        case attributes(Attributes)
        case number(Int)
    }

    static func perform(_ call: String, _ json: JSONValue, _ arguments: [JSONValue]) throws -> Answer {
        func attributes(_ index: Int) -> Attributes {
            Attributes(index < arguments.count ? arguments[index].object ?? [:] : [:])
        }
        func flag(_ index: Int) -> Bool { arguments.count > index && arguments[index].bool == true }
        func own() throws -> Delta { try Delta(try #require(json["self"])) }
        switch call {
        case "AttributeMap.compose":
            return .attributes(attributes(0).compose(attributes(1), keepsNull: flag(2)))
        case "AttributeMap.diff": return .attributes(attributes(0).diff(attributes(1)))
        case "AttributeMap.invert": return .attributes(attributes(0).invert(attributes(1)))
        case "AttributeMap.transform":
            return .attributes(attributes(0).transform(attributes(1), priority: flag(2)))
        case "Delta.compose": return .delta(try own().compose(Delta(arguments[0]), embeds: rules))
        case "Delta.diff": return .delta(try own().diff(Delta(arguments[0])))
        case "Delta.concat": return .delta(try own().concat(Delta(arguments[0])))
        case "Delta.invert": return .delta(try own().invert(Delta(arguments[0]), embeds: rules))
        case "Delta.chop":
            var delta = try own()
            delta.chop()
            return .delta(delta)
        case "Delta.length": return .number(try own().length)
        case "Delta.changeLength": return .number(try own().changeLength)
        case "Delta.slice":
            let start = arguments.first?.int ?? 0
            return .delta(try own().slice(from: start, to: arguments.count > 1 ? arguments[1].int ?? .max : .max))
        case "Delta.transform":
            if let index = arguments[0].int {
                return .number(try own().transformPosition(index, priority: flag(1)))
            }
            return .delta(try own().transform(Delta(arguments[0]), priority: flag(1), embeds: rules))
        default:
            Issue.record("unknown call \(call)")
            return .number(-1)
        }
    }
}

extension Delta {
    var json: JSONValue { (try? JSONValue(utf8: jsonUTF8)) ?? .null }
}
