package import CollabModel
package import Delta
package import DocumentCore
import Randomness
package import RuntimePorts

/// Makes documents, ids and operations for tests: the same ones for the same seed.
package struct SampleSource: RandomNumberGenerator, Sendable {
    private var generator: SplitMix64

    package init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    package mutating func next() -> UInt64 { generator.next() }

    package mutating func client() -> ClientID { ClientID(.random(using: &self)) }

    package mutating func node(_ name: String) -> NodeIdentity {
        guard let id = NodeID(name) else { preconditionFailure("no node id: \(name)") }
        return NodeIdentity(node: id, incarnation: .random(using: &self))
    }

    /// A document that is in the store, at version 0, with nobody's epoch.
    package mutating func document(in store: any DocumentCatalog, title: String = "A sample") async throws
        -> SampleDocument
    {
        let document = SampleDocument(id: DocumentID(.random(using: &self)), client: client())
        _ = try await store.create(
            document.id, title: title, owner: SampleDocument.user, content: document.content)
        return document
    }
}

/// A document and what its next operations are.
package struct SampleDocument: Sendable {
    package let id: DocumentID
    package let client: ClientID
    package private(set) var content = DocumentContent()
    package private(set) var version = Version.initial
    package var epoch = Epoch.none

    package static let user = name("sample-user")
    package static let address = PeerAddress(host: "127.0.0.1", port: 4001)

    package init(id: DocumentID, client: ClientID) {
        self.id = id
        self.client = client
    }

    /// Raises the epoch from the one that the document has.
    @discardableResult
    package mutating func takeOver(in store: any OperationLog, as owner: NodeIdentity) async throws -> Epoch {
        let outcome = try await store.takeOver(id, believed: epoch, as: owner, at: Self.address)
        guard case .taken(let taken, let head) = outcome, head == version else {
            throw LogContract.Violation(description: "takeover of \(id) at epoch \(epoch): \(outcome)")
        }
        epoch = taken
        return taken
    }

    /// The next operation: text at the start.
    package mutating func insert(_ text: String) -> CommittedOperation {
        var delta = Delta()
        delta.insert(text)
        return apply(delta)
    }

    /// The next operation, by the document's client unless another is named.
    package mutating func apply(_ delta: Delta, by other: ClientID? = nil, id operation: String? = nil)
        -> CommittedOperation
    {
        do {
            try content.apply(delta)
        } catch {
            preconditionFailure("a sample operation does not fit: \(error)")
        }
        version = version.next
        guard let operationID = OperationID(operation ?? "op-\(version)") else {
            preconditionFailure("no operation id: \(operation ?? "")")
        }
        return CommittedOperation(
            version: version, epoch: epoch, clientID: other ?? client, userID: Self.user, operationID: operationID,
            delta: delta, encodedDelta: delta.jsonUTF8, digest: content.digest)
    }

    /// So many operations, ready to append.
    package mutating func inserts(_ count: Int) -> DocumentAppend {
        append((0..<count).map { _ in insert("word ") })
    }

    /// These operations, ready to append under the present epoch.
    package func append(_ operations: [CommittedOperation]) -> DocumentAppend {
        DocumentAppend(document: id, epoch: epoch, operations: operations)
    }

    private static func name(_ text: String) -> UserID {
        guard let id = UserID(text) else { preconditionFailure("no user id: \(text)") }
        return id
    }
}
