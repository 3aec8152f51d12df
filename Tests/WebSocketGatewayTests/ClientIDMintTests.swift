import CollabModel
import Testing
import WebSocketGateway

@Suite struct ClientIDMintTests {
    let mint = ClientIDMint(key: Array("one key".utf8))
    let document = DocumentID("00000001-0000-4000-8000-000000000000")!
    let ann = UserID("ann")!

    @Test func `an id is a version 4 UUID and unlike any other`() {
        var generator = SystemRandomNumberGenerator()
        var seen = Set<ClientID>()
        for _ in 0..<1_000 {
            let id = mint.make(for: ann, on: document, using: &generator)
            #expect(id.value.high >> 12 & 15 == 4)
            #expect(id.value.low >> 62 == 2)
            #expect(seen.insert(id).inserted)
        }
    }

    @Test func `an id is valid for its user, document and key alone`() {
        var generator = SystemRandomNumberGenerator()
        let id = mint.make(for: ann, on: document, using: &generator)
        #expect(mint.isValid(id, for: ann, on: document))
        #expect(ClientIDMint(key: Array("one key".utf8)).isValid(id, for: ann, on: document))
        #expect(!mint.isValid(id, for: UserID("bob")!, on: document))
        #expect(!mint.isValid(id, for: ann, on: DocumentID(Identifier128(high: 1, low: 2))))
        #expect(!ClientIDMint(key: Array("another key".utf8)).isValid(id, for: ann, on: document))
        for bit in 0..<64 where bit != 62 && bit != 63 {
            let forged = ClientID(Identifier128(high: id.value.high, low: id.value.low ^ 1 << UInt64(bit)))
            #expect(!mint.isValid(forged, for: ann, on: document))
            let moved = ClientID(Identifier128(high: id.value.high ^ 1 << UInt64(bit), low: id.value.low))
            #expect(!mint.isValid(moved, for: ann, on: document))
        }
    }
}
