/// A stretch of a document with the same attributes, or one embed.
struct ContentRun: Hashable, Sendable {
    /// UTF-16 units; 1 for an embed.
    var length: Int
    var attributes: Attributes
    /// The embed, whose unit in the text is ``Embed/placeholder``.
    var embed: Embed?

    /// Whether both are text and alike, so that they are one run when they stand together.
    @inline(__always)
    func isContinued(by other: ContentRun) -> Bool {
        embed == nil && other.embed == nil && attributes == other.attributes
    }

    /// An estimate of the memory taken up beside the units, in bytes: the run itself and a share of what it refers to.
    var bytes: Int { 32 + attributes.encodedCount + (embed?.box.encodedCount ?? 0) }
}
