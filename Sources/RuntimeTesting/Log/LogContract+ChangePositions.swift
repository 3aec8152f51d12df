internal import CollabModel
internal import RuntimePorts

extension LogContract {
    static let positionCases: [Case] = [
        Case("A position moves forward and never back, and one of a document that is gone is passed over") {
            store, source in
            let first = try await source.document(in: store).id
            let second = try await source.document(in: store).id
            let unknown = DocumentID(.random(using: &source))
            let all = [first, second, unknown]
            try requireEqual(try await store.published(of: all), [:], "positions before")
            try await store.setPublished([first: Version(4), unknown: Version(9)])
            try requireEqual(try await store.published(of: all), [first: Version(4)], "positions of one")
            try await store.setPublished([first: Version(3), second: Version(7)])
            try await store.setPublished([second: .initial])
            try await store.setPublished([:])
            try requireEqual(
                try await store.published(of: all), [first: Version(4), second: Version(7)], "positions of both")
            try requireEqual(try await store.published(of: [second]), [second: Version(7)], "positions asked for")
        },
        Case("Documents with operations that were not published are found with their head and owner, page by page") {
            store, source in
            let owner = source.node("a")
            var documents: [DocumentID] = []
            for length in [0, 1, 2, 3, 4] {
                var document = try await source.document(in: store)
                documents.append(document.id)
                guard length > 0 else { continue }
                try await document.takeOver(in: store, as: owner)
                _ = try await store.append([document.inserts(length)], lane: 0)
            }
            try await store.setPublished([documents[2]: Version(2), documents[4]: Version(3)])
            var found: [DocumentID: UnpublishedDocument] = [:]
            var behind: DocumentID?
            repeat {
                let page = try await store.unpublished(after: behind, limit: 2)
                for document in page.documents { found[document.document] = document }
                if let next = page.next, let behind {
                    try require(next > behind, "a page that does not go on: \(next) behind \(behind)")
                }
                behind = page.next
            } while behind != nil
            let ours = found.filter { documents.contains($0.key) }
            try requireEqual(Set(ours.keys), [documents[1], documents[3], documents[4]], "documents")
            try requireEqual(ours[documents[4]]?.head, Version(4), "head")
            try requireEqual(ours[documents[4]]?.published, Version(3), "position")
            try requireEqual(ours[documents[1]]?.published, .initial, "position of what was never published")
            try requireEqual(ours[documents[4]]?.owner, owner, "owner")
        },
    ]
}
