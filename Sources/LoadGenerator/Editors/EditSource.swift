import CollabModel
package import Delta

/// Where an editor's edits come from.
package protocol EditSource {
    /// The next edit of a document with this content; `nil` when there is none any more.
    mutating func next(_ content: DocumentContent) -> Delta?
    /// Others changed what the editor sees.
    mutating func moved(over change: Delta)
    /// Where the editor's cursor is.
    var cursor: Int { get }
}
