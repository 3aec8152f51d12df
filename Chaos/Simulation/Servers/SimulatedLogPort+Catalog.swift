internal import CollabModel
internal import Delta
internal import RuntimePorts

// No node of a simulation is asked for the catalog: that is the HTTP API's.
extension SimulatedLogPort: DocumentCatalog {
    func create(_ document: DocumentID, title: String, owner: UserID, content: DocumentContent)
        async throws(CatalogError) -> DocumentRecord
    {
        throw .unavailable("not part of the simulation")
    }

    func rename(_ document: DocumentID, to title: String) async throws(CatalogError) -> DocumentRecord? {
        throw .unavailable("not part of the simulation")
    }

    func record(of document: DocumentID) async throws(CatalogError) -> DocumentRecord? {
        throw .unavailable("not part of the simulation")
    }

    func list(limit: Int, after cursor: String?) async throws(CatalogError) -> Page<DocumentRecord> {
        throw .unavailable("not part of the simulation")
    }
}
