import CollabModel
import Delta
import DocumentCore
import RuntimePorts
import Testing

/// Changes of one document, with the versions from 1.
func sampleChanges(_ count: Int, of document: DocumentID = sampleDocument()) throws -> [Change] {
    let user = try #require(UserID("ann \"the writer\""))
    return try (1...count).map { number in
        var delta = Delta()
        delta.insert("word \(number) ")
        let operation = CommittedOperation(
            version: Version(Int64(number)), epoch: Epoch(7), clientID: ClientID(Identifier128(high: 3, low: 4)),
            userID: user, operationID: try #require(OperationID("op-\(number)")), delta: delta,
            encodedDelta: delta.jsonUTF8, digest: Digest(rawValue: 0))
        return Change(document: document, operation: operation)
    }
}

/// A document that no other test has.
func sampleDocument() -> DocumentID {
    var generator = SystemRandomNumberGenerator()
    return DocumentID(.random(using: &generator))
}
