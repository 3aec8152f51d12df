internal import CollabModel
internal import Delta
internal import JSON
internal import RuntimePorts

extension LogContract {
    static let snapshotCases: [Case] = [
        Case("A new document has its content as the snapshot of version 0") { store, source in
            var delta = Delta()
            delta.insert("Hello \u{1F44B}", attributes: ["bold": .bool(true)])
            delta.insert("\n")
            let content = try DocumentContent(delta)
            let id = DocumentID(.random(using: &source))
            _ = try await store.create(id, title: "With content", owner: SampleDocument.user, content: content)
            let snapshot = try await store.latest(of: id, atOrBelow: Version(9))
            try requireEqual(snapshot?.version, .initial, "version")
            try requireEqual(snapshot?.digest, content.digest, "digest")
            try requireEqual(snapshot?.encodedContent, delta.jsonUTF8, "content")
        },
        Case("The newest snapshot at or below a version is found, and one set aside is passed over") { store, source in
            var document = try await source.document(in: store)
            for version in [3, 7] {
                while document.version < Version(Int64(version)) { _ = document.insert("x") }
                try await store.write(snapshot(of: document), of: document.id)
            }
            let id = document.id
            try requireEqual(try await newest(store, id, 2), 0, "at 2")
            try requireEqual(try await newest(store, id, 6), 3, "at 6")
            try requireEqual(try await newest(store, id, 7), 7, "at 7")
            try await store.setAside(document.id, version: Version(7), reason: "a test")
            try requireEqual(try await newest(store, id, 100), 3, "after 7 was set aside")
            try await store.write(snapshot(of: document), of: document.id)
            try requireEqual(try await newest(store, id, 100), 7, "after it was written again")
        },
        Case("A snapshot that is there is left as it is") { store, source in
            var document = try await source.document(in: store)
            _ = document.insert("x")
            try await store.write(snapshot(of: document), of: document.id)
            var other = snapshot(of: document)
            other.encodedContent = Array("[]".utf8)
            try await store.write(other, of: document.id)
            let stored = try await store.latest(of: document.id, atOrBelow: Version(1))
            try requireEqual(stored?.encodedContent, snapshot(of: document).encodedContent, "content")
        },
        Case("An unknown document has no snapshot and takes none") { store, source in
            let document = SampleDocument(id: DocumentID(.random(using: &source)), client: source.client())
            try require(try await store.latest(of: document.id, atOrBelow: Version(1)) == nil, "a snapshot")
            do {
                try await store.write(snapshot(of: document), of: document.id)
                throw Violation(description: "a snapshot without a document was taken")
            } catch is StoreUnavailable {}
        },
    ]

    static let catalogCases: [Case] = [
        Case("A document is renamed, and then leads the list; an unknown one is not") { store, source in
            let first = try await source.document(in: store, title: "First")
            _ = try await source.document(in: store, title: "Second")
            let renamed = try await store.rename(first.id, to: "Another \u{1F600} title")
            try requireEqual(renamed?.title, "Another \u{1F600} title", "title as told")
            try requireEqual(try await store.record(of: first.id), renamed, "record")
            try requireEqual(try await store.list(limit: 1, after: nil).items.first?.id, first.id, "first of the list")
            let unknown = try await store.rename(DocumentID(.random(using: &source)), to: "x")
            try require(unknown == nil, "an unknown document was renamed")
        },
        Case("A document is created once and then known") { store, source in
            let id = DocumentID(.random(using: &source))
            // 100 characters of several scalars each: the longest user id.
            guard let owner = UserID(String(repeating: "e\u{301}", count: 100)) else { return }
            let title = "A title with \u{1F600} and 'quotes' \\ %s"
            try require(try await store.record(of: id) == nil, "a record of nothing")
            let created = try await store.create(id, title: title, owner: owner, content: DocumentContent())
            try requireEqual(created.title, title, "title")
            try requireEqual(created.owner, owner, "owner")
            try requireEqual(created.version, .initial, "version")
            try requireEqual(try await store.record(of: id), created, "record")
            do {
                _ = try await store.create(id, title: "Another", owner: owner, content: DocumentContent())
                throw Violation(description: "created twice")
            } catch CatalogError.exists {}
            try requireEqual(try await store.record(of: id), created, "record after the second attempt")
        },
        Case("A record tells the durable version and when it was made") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            _ = try await store.append([document.inserts(3)], lane: 0)
            let record = try await store.record(of: document.id)
            try requireEqual(record?.version, Version(3), "version")
            let isLater = record.map { $0.updatedAtMilliseconds >= $0.createdAtMilliseconds } ?? false
            try require(isLater, "changed before it was created: \(String(describing: record))")
        },
        Case("Pages list every document once, the last changed first") { store, source in
            var documents: [SampleDocument] = []
            for index in 0..<7 { documents.append(try await source.document(in: store, title: "Page \(index)")) }
            let ids = Set(documents.map(\.id))
            try await documents[2].takeOver(in: store, as: source.node("a"))
            _ = try await store.append([documents[2].inserts(1)], lane: 0)
            var listed: [DocumentID] = []
            var cursor: String?
            repeat {
                let page = try await store.list(limit: 2, after: cursor)
                try require(page.items.count <= 2, "a page of \(page.items.count)")
                listed += page.items.map(\.id).filter(ids.contains)
                cursor = page.next
            } while cursor != nil
            try requireEqual(listed.count, 7, "documents listed")
            try requireEqual(Set(listed), ids, "ids listed")
            try requireEqual(listed.first, documents[2].id, "the last changed")
        },
        Case("A cursor that no page gave is refused") { store, _ in
            for cursor in ["", ".", "x", "12", "zz.not-a-uuid", "99999999999999999999999999.x"] {
                do {
                    _ = try await store.list(limit: 2, after: cursor)
                    throw Violation(description: "cursor \(cursor) was taken")
                } catch CatalogError.invalidCursor {}
            }
        },
    ]

    private static func newest(_ store: any SnapshotStore, _ document: DocumentID, _ version: Int64) async throws
        -> Int64?
    {
        let snapshot = try await store.latest(of: document, atOrBelow: Version(version))
        return snapshot?.version.value
    }

    private static func snapshot(of document: SampleDocument) -> Snapshot {
        Snapshot(
            version: document.version, encodedContent: document.content.delta.jsonUTF8, digest: document.content.digest)
    }
}
