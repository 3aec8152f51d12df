import Testing
import URLSyntax

@Suite struct RequestTargetTests {
    @Test(
        arguments: [
            ("/a/b%2F", "/a/b%2F", [:]), ("/a?", "/a", [:]),
            ("/?x=1&y=a+b%2B&z", "/", ["x": "1", "y": "a b+", "z": ""]),
            ("/a#f?x=1", "/a", [:]), ("/a?x=1#f&y=2", "/a", ["x": "1"]), ("/a?x=1=2&&=3", "/a", ["x": "1=2", "": "3"]),
            ("/a?x=1&x=2", "/a", ["x": "1"]), ("/?us%65r=ann", "/", ["user": "ann"]), ("", "", [:]),
        ] as [(String, Substring, [String: String])])
    func `a target is a path and parameters`(text: String, path: Substring, parameters: [String: String]) throws {
        let target = try RequestTarget(text)
        #expect(target.path == path)
        #expect(target.parameters == parameters)
    }

    @Test func `a value that cannot be decoded is an error, also of a parameter that does not count`() {
        #expect(throws: URLSyntaxError.invalidEscape) { try RequestTarget("/a?x=%") }
        #expect(throws: URLSyntaxError.invalidEscape) { try RequestTarget("/a?%zz=1") }
        #expect(throws: URLSyntaxError.invalidText) { try RequestTarget("/a?x=1&x=%ff") }
    }
}
