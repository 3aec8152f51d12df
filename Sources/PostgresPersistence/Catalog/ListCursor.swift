internal import CollabModel

/// Where a page of the catalog ended: the time of change in microseconds since 1970, then the id.
struct ListCursor: Equatable {
    var microseconds: Int64
    var document: DocumentID

    init(microseconds: Int64, document: DocumentID) {
        self.microseconds = microseconds
        self.document = document
    }

    /// Reads what ``text`` makes; `nil` for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0], radix: 36), let document = DocumentID(parts[1])
        else { return nil }
        self.init(microseconds: microseconds, document: document)
    }

    var text: String { "\(String(microseconds, radix: 36)).\(document)" }
}
