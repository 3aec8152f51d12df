internal import CRabbitMQ

/// Texts for the time of one call of the library, which keeps pointers to them only so long.
struct CallBytes: ~Copyable {
    private var pool = amqp_pool_t()

    init() { init_amqp_pool(&pool, 4_096) }

    deinit {
        var pool = pool
        empty_amqp_pool(&pool)
    }

    /// Copies a text. The copy lives until this value ends or is emptied.
    mutating func text(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { source in
            var copy = amqp_bytes_t()
            guard let start = source.baseAddress, !source.isEmpty else { return copy }
            amqp_pool_alloc_bytes(&pool, source.count, &copy)
            copy.bytes?.copyMemory(from: start, byteCount: source.count)
            return copy
        }
    }

    /// Forgets every text and keeps the memory.
    mutating func empty() { recycle_amqp_pool(&pool) }
}
