internal import CollabModel
internal import DocumentCore

/// Says what happens in words that a reader of a transcript knows: documents and clients by names instead of UUIDs.
final class Narrator {
    private let take: (Int64, String) -> Void
    private var documents: [DocumentID: String] = [:]
    private var clients: [ClientID: String] = [:]

    /// - Parameter take: takes each line with its virtual time in microseconds.
    init(_ take: @escaping (Int64, String) -> Void) { self.take = take }

    func tell(_ time: Int64, _ line: String) { take(time, line) }

    func call(_ document: DocumentID, _ name: String) { documents[document] = name }
    func call(_ client: ClientID, _ name: String) { clients[client] = name }

    func name(_ document: DocumentID) -> String { documents[document] ?? document.description }
    func name(_ client: ClientID) -> String { clients[client] ?? client.description }
}
