package import Delta
import JSON

extension DocumentContent {
    /// A document of so many UTF-16 units (and the last line feed) in so many runs, each formatted unlike the one before.
    package static func shaped(characters: Int, runs: Int) throws -> DocumentContent {
        var document = Delta()
        let formats: [Attributes] = [
            .none, ["bold": .bool(true)], ["italic": .bool(true)], ["color": .string("#1d5fa8")],
            ["bold": .bool(true), "italic": .bool(true)],
        ]
        let sentence = Array("every edit is put in order and made durable before anyone is told of it\n".utf16)
        var position = 0
        let runs = max(1, min(runs, max(1, characters)))
        for run in 0..<runs {
            let end = characters * (run + 1) / runs
            let units = (position..<end).map { sentence[$0 % sentence.count] }
            document.insert(UTF16Text(units: units), attributes: formats[run % formats.count])
            position = end
        }
        document.insert("\n")
        return try DocumentContent(document)
    }
}
