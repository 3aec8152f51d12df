import Delta

extension Delta {
    /// What keeping this operation costs, in bytes, without encoding it.
    var estimatedBytes: Int {
        ops.reduce(64) { sum, op in
            switch op {
            case .insert(let text, _): sum + 48 + 2 * text.count
            case .embed, .retainEmbed: sum + 256
            case .retain, .delete: sum + 48
            }
        }
    }
}
