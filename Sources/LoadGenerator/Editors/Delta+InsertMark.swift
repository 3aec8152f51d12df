import Delta

extension Delta {
    /// A hash of what the delta inserts, in order (FNV-1a over the UTF-16 units): no transformation changes it.
    var insertMark: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for op in ops {
            switch op {
            case .insert(let text, _):
                text.withUnits { units in
                    for unit in units { hash = (hash ^ UInt64(unit)) &* 0x100_0000_01B3 }
                }
            case .embed: hash = (hash ^ 0xFFFC) &* 0x100_0000_01B3
            case .retain, .retainEmbed, .delete: break
            }
        }
        return hash
    }
}
