package import Delta

/// Cuts an operation that is larger than the server takes into operations that are not.
package enum EditSplitter {
    /// The longest JSON form of one UTF-16 unit, `\u0000`, in bytes.
    private static let bytesPerUnit = 6

    /// A first part of `delta` that fits into `limit` bytes of JSON, and what is left, to be applied after it.
    ///
    /// An op that cannot be cut (an embed, or attributes that alone are too large) is a part of its own.
    package static func split(_ delta: Delta, limit: Int) -> (first: Delta, rest: Delta?) {
        guard !certainlyFits(delta, limit), delta.jsonUTF8.count > limit else { return (delta, nil) }
        let budget = max(1, limit * 3 / 4)
        var first = Delta()
        var spent = 2
        var ops = delta.ops[...]
        while let op = ops.first {
            let cost = Delta(ops: [op]).jsonUTF8.count
            if spent + cost <= budget {
                first.push(op)
                spent += cost
                ops.removeFirst()
                continue
            }
            if case .insert(let text, let attributes) = op {
                let frame = Delta(ops: [.insert(UTF16Text(unit: 0x61), attributes)]).jsonUTF8.count
                var count = min(text.count - 1, (budget - spent - frame) / bytesPerUnit)
                if count > 0, UTF16.isLeadSurrogate(text[count - 1]) { count -= 1 }
                if count > 0 {
                    first.push(.insert(text[0..<count], attributes))
                    ops[ops.startIndex] = .insert(text[count..<text.count], attributes)
                }
            }
            if !first.isEmpty { break }
            first.push(op)
            ops.removeFirst()
            break
        }
        guard !ops.isEmpty else { return (first, nil) }
        var rest = Delta()
        let kept = first.ops.reduce(0) { sum, op in
            if case .delete = op { sum } else { sum + op.length }
        }
        rest.retain(kept)
        for op in ops { rest.push(op) }
        rest.chop()
        return (first, rest.isEmpty ? nil : rest)
    }

    private static func certainlyFits(_ delta: Delta, _ limit: Int) -> Bool {
        var bytes = 2
        for op in delta.ops {
            guard op.attributes.isEmpty else { return false }
            switch op {
            case .insert(let text, _): bytes += 16 + bytesPerUnit * text.count
            case .retain, .delete: bytes += 32
            case .embed, .retainEmbed: return false
            }
        }
        return bytes <= limit
    }
}
