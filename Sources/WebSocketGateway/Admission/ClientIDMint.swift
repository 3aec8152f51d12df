package import CollabModel
import Crypto

/// Makes client ids that any node can attribute without asking anybody (protocol.md, "Connecting").
///
/// An id is a version 4 UUID: its first half is random (60 bits), its second half the first 62 bits of
/// HMAC-SHA256(key, domain ‖ first half ‖ document ‖ user). Who does not know the key cannot make an id for another
/// document or user that is believed, and needs 2^61 guesses for one that is.
package struct ClientIDMint: Sendable {
    private let key: SymmetricKey

    /// - Parameter key: the cluster's secret, the same on every node.
    package init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    /// Makes a new id for a user's session on a document.
    package func make(
        for user: UserID, on document: DocumentID, using generator: inout some RandomNumberGenerator
    ) -> ClientID {
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000
        return ClientID(Identifier128(high: high, low: signature(high: high, user, document)))
    }

    /// Whether this mint, or one with the same key, made the id for this user on this document.
    package func isValid(_ client: ClientID, for user: UserID, on document: DocumentID) -> Bool {
        // One comparison of whole words: its time says nothing about which bits differ.
        client.value.low ^ signature(high: client.value.high, user, document) == 0
    }

    private func signature(high: UInt64, _ user: UserID, _ document: DocumentID) -> UInt64 {
        var authentication = HMAC<SHA256>(key: key)
        authentication.update(data: Self.domain)
        authentication.update(data: Identifier128(high: high, low: 0).bytes.prefix(8))
        authentication.update(data: document.value.bytes)
        authentication.update(data: Array(user.text.utf8))
        let word = authentication.finalize().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return word & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    private static let domain = Array("collab.v1 client id".utf8)
}
