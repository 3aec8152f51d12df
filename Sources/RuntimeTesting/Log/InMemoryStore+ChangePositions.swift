package import CollabModel
package import RuntimePorts

extension InMemoryStore {
    package func published(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: Version] {
        try await perform(.published) { state in
            var positions: [DocumentID: Version] = [:]
            for document in documents {
                if let row = state.rows[document], row.published > .initial { positions[document] = row.published }
            }
            return positions
        }
    }

    package func setPublished(_ positions: [DocumentID: Version]) async throws(StoreUnavailable) {
        try await perform(.setPublished) { state in
            for (document, version) in positions {
                guard let row = state.rows[document], row.published < version else { continue }
                state.rows[document]?.published = version
            }
        }
    }

    package func unpublished(after document: DocumentID?, limit: Int) async throws(StoreUnavailable)
        -> (documents: [UnpublishedDocument], next: DocumentID?)
    {
        try await perform(.unpublished) { state in
            let page = state.rows.keys.sorted().filter { id in document.map { id > $0 } ?? true }.prefix(limit)
            let documents = page.compactMap { id -> UnpublishedDocument? in
                guard let row = state.rows[id], row.head > row.published else { return nil }
                return UnpublishedDocument(document: id, head: row.head, published: row.published, owner: row.owner)
            }
            return (documents, limit > 0 && page.count == limit ? page.last : nil)
        }
    }
}
