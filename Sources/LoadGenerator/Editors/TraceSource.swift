import Delta
import EditingTraces

/// Types what was recorded.
///
/// A session of one person is typed exactly. In a concurrent one each person's patches are typed in their order at their
/// recorded places, as far as the document reaches there: it is another merge of the same typing.
struct TraceSource: EditSource {
    private let patches: [EditingTrace.Patch]
    private var index = 0
    private(set) var cursor = 0

    init(_ trace: EditingTrace, agent: Int) {
        patches = trace.transactions.filter { $0.agent == agent }.flatMap(\.patches)
    }

    mutating func moved(over change: Delta) { cursor = change.transformPosition(cursor, priority: true) }

    mutating func next(_ content: DocumentContent) -> Delta? {
        while index < patches.count {
            let patch = patches[index]
            index += 1
            let end = max(0, content.length - 1)
            let start = min(content.utf16Offset(ofCodePoint: patch.position), end)
            let stop = min(content.utf16Offset(ofCodePoint: patch.position + patch.deleted), end)
            var edit = Delta()
            edit.retain(start)
            edit.insert(patch.inserted)
            edit.delete(stop - start)
            edit.chop()
            guard !edit.isEmpty else { continue }
            cursor = start + patch.inserted.count
            return edit
        }
        return nil
    }
}
