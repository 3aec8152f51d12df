import Delta
import JSON
import Testing

/// What an owner refuses (protocol.md, "Positions and operations"), and that the content is then as it was.
@Suite struct RefusalTests {
    struct Case: CustomTestStringConvertible {
        var document: String
        var operation: String
        var error: OperationError
        var testDescription: String { "\(operation) on \(document)" }
    }

    static let cases = [
        Case(document: "ab\\n", operation: #"[{"retain":4}]"#, error: .pastEnd(length: 4, document: 3)),
        Case(document: "ab\\n", operation: #"[{"delete":4}]"#, error: .pastEnd(length: 4, document: 3)),
        Case(
            document: "ab\\n", operation: #"[{"retain":3},{"insert":"x"},{"retain":1,"attributes":{"bold":true}}]"#,
            error: .pastEnd(length: 4, document: 3)),
        Case(
            document: "ab\\n", operation: #"[{"retain":2147483647},{"retain":2147483647},{"delete":2147483647}]"#,
            error: .pastEnd(length: 6_442_450_941, document: 3)),
        Case(document: "😀\\n", operation: #"[{"retain":1},{"insert":"x"}]"#, error: .splitsSurrogatePair(position: 1)),
        Case(
            document: "😀\\n", operation: #"[{"retain":1},{"insert":{"image":"x"}}]"#,
            error: .splitsSurrogatePair(position: 1)),
        Case(document: "😀\\n", operation: #"[{"delete":1}]"#, error: .splitsSurrogatePair(position: 1)),
        Case(document: "😀\\n", operation: #"[{"retain":1},{"delete":1}]"#, error: .splitsSurrogatePair(position: 1)),
        Case(
            document: "😀\\n", operation: #"[{"retain":1,"attributes":{"bold":true}}]"#,
            error: .splitsSurrogatePair(position: 1)),
        Case(
            document: "😀\\n", operation: #"[{"retain":1},{"retain":2,"attributes":{"bold":true}}]"#,
            error: .splitsSurrogatePair(position: 1)),
        Case(
            document: "ab\\n", operation: #"[{"insert":"a\u0000b"}]"#, error: .invalidText(op: 0)),
        Case(
            document: "ab\\n", operation: #"[{"insert":"x","attributes":{"a":"\u0000"}}]"#, error: .invalidText(op: 0)),
        Case(
            document: "ab\\n", operation: #"[{"retain":1},{"retain":1,"attributes":{"a\u0000":1}}]"#,
            error: .invalidText(op: 1)),
        Case(
            document: "ab\\n", operation: #"[{"insert":{"image":{"deep":["x\u0000"]}}}]"#, error: .invalidText(op: 0)),
        Case(
            document: "ab\\n", operation: #"[{"insert":{"\u0000":"x"}}]"#, error: .invalidText(op: 0)),
        Case(
            document: "ab\\n", operation: #"[{"retain":1},{"delete":1},{"insert":"x"}]"#,
            error: .deleteBeforeInsert(op: 2)),
        Case(
            document: "ab\\n", operation: #"[{"delete":1},{"delete":1},{"insert":{"image":"x"}}]"#,
            error: .deleteBeforeInsert(op: 2)),
        Case(
            document: "ab\\n", operation: #"[{"insert":"x"},{"retain":{"image":"x"}}]"#, error: .retainedEmbed(op: 1)),
    ]

    @Test(arguments: cases)
    func anOperationThatAnOwnerRefusesChangesNothing(_ refusal: Case) throws {
        var content = try DocumentContent(Delta("[{\"insert\":\"\(refusal.document)\"}]"))
        let before = content
        let operation = try Delta(refusal.operation)
        #expect(throws: refusal.error) { try content.apply(operation) }
        #expect(throws: refusal.error) { try content.check(operation) }
        #expect(content == before)
    }

    @Test func lengthsBelowOneAndLoneSurrogatesMadeInCodeAreRefusedToo() throws {
        var content = DocumentContent()
        let operations: [(Op, OperationError)] = [
            (.retain(0, .none), .lengthBelowOne(op: 0)), (.delete(-1), .lengthBelowOne(op: 0)),
            (.insert(UTF16Text(), .none), .lengthBelowOne(op: 0)),
            (.insert(UTF16Text(units: [0xD83D]), .none), .invalidText(op: 0)),
            (.insert(UTF16Text(units: [0xDE00, 0xD83D]), .none), .invalidText(op: 0)),
            (.retain(.max, .none), .pastEnd(length: .max, document: 1)),
        ]
        for (op, error) in operations {
            #expect(throws: error) { try content.apply(Delta(ops: [op])) }
        }
        #expect(content == DocumentContent())
    }

    @Test func aBackslashBeforeU0000IsNoNUL() throws {
        var content = DocumentContent()
        try content.apply(Delta(#"[{"insert":"x","attributes":{"a":"\\u0000"}},{"insert":{"b":"\\\\u0000"}}]"#))
        #expect(content.length == 3)
        #expect(throws: OperationError.invalidText(op: 0)) {
            try content.apply(Delta(#"[{"insert":{"b":"\\\u0000"}}]"#))
        }
    }

    @Test func whatOnlyRetainsMayEndWithinASurrogatePair() throws {
        var content = try DocumentContent(Delta(#"[{"insert":"😀\n"}]"#))
        try content.apply(Delta(#"[{"retain":1},{"retain":1},{"insert":"x"}]"#))
        #expect(content.text == "😀x\n")
        try content.apply(Delta(#"[{"retain":1}]"#))
        #expect(content.text == "😀x\n")
    }

    @Test(arguments: [
        (#"[{"retain":1}]"#, OperationError.notADocument(op: 0)),
        (#"[{"insert":"a"},{"delete":1}]"#, .notADocument(op: 1)),
        (#"[{"insert":"\u0000"}]"#, .invalidText(op: 0)),
        (#"[{"insert":"a"},{"insert":"b","attributes":{"c":"\u0000"}}]"#, .invalidText(op: 1)),
        (#"[{"insert":{"d":"\u0000"}}]"#, .invalidText(op: 0)),
    ])
    func onlyInsertsAreADocument(_ json: String, _ error: OperationError) throws {
        let delta = try Delta(json)
        #expect(throws: error) { _ = try DocumentContent(delta) }
    }

    @Test(arguments: [
        (#"[{"insert":""}]"#, DeltaError.lengthBelowOne(0)), (#"[{"retain":0}]"#, .lengthBelowOne(0)),
        (#"[{"insert":"a"},{"delete":-3}]"#, .lengthBelowOne(1)), (#"[{"retain":1e300}]"#, .lengthTooLarge(0)),
        (#"[{"retain":2147483648}]"#, .lengthTooLarge(0)), (#"[{"retain":1.5}]"#, .malformedOp(0)),
        (#"[{"delete":1,"attributes":{"bold":true}}]"#, .attributesOnDelete(0)), (#"[{}]"#, .malformedOp(0)),
        (#"[{"insert":"a","delete":1}]"#, .malformedOp(0)), (#"[{"insert":1}]"#, .malformedOp(0)),
        (#"[{"insert":{}}]"#, .malformedOp(0)), (#"[1]"#, .malformedOp(0)), (#"{}"#, .malformedOp(0)),
        (#"[{"retain":{"image":"x"}}]"#, .malformedOp(0)), (#"[{"insert":"a","atributes":{}}]"#, .malformedOp(0)),
        (#"[{"insert":"a","attributes":[]}]"#, .malformedOp(0)),
    ])
    func whatIsNoDeltaIsNotRead(_ json: String, _ error: DeltaError) {
        #expect(throws: error) { _ = try Delta(jsonUTF8: Array(json.utf8)) }
    }

    @Test func malformedJSONSaysWhere() {
        #expect {
            _ = try Delta(jsonUTF8: Array(#"[{"insert":"\ud83d"}]"#.utf8))
        } throws: { error in
            guard case .json(let json) = error as? DeltaError else { return false }
            return json.reason == .loneSurrogate && json.offset == 12
        }
    }
}
