internal import CHiredis

/// Turns bytes from the server into replies: hiredis's reader as an owned handle.
///
/// hiredis allocates an array at its header, before any element has come; the reader therefore counts the elements
/// of a reply in hiredis's own array constructor and refuses there.
struct RedisReplyReader: ~Copyable {
    private let handle: UnsafeMutablePointer<redisReader>
    private let bounds: UnsafeMutablePointer<ReplyBounds>
    private let maximumBytes: Int
    /// Bytes of the reply that has begun and is not whole yet.
    private var pendingBytes = 0

    /// Allocates a reader.
    ///
    /// - Throws: ``RedisError`` with code `notConnected` when there is no memory.
    init(limits: RedisReplyLimits) throws(RedisError) {
        guard let handle = redisReaderCreate(), let functions = handle.pointee.fn else {
            throw RedisError(.notConnected, "there is no memory for a reply reader")
        }
        self.handle = handle
        maximumBytes = limits.maximumBytes
        bounds = .allocate(capacity: 1)
        bounds.initialize(
            to: ReplyBounds(functions: functions.pointee, maximumElements: limits.maximumElements))
        // The table and the private data point into `bounds`, which lives until `deinit` has freed the reader.
        bounds.pointee.functions.createArray = { task, count in ReplyBounds.makeArray(task, count) }
        withUnsafeMutablePointer(to: &bounds.pointee.functions) { handle.pointee.fn = $0 }
        handle.pointee.privdata = UnsafeMutableRawPointer(bounds)
    }

    deinit {
        redisReaderFree(handle)
        bounds.deinitialize(count: 1)
        bounds.deallocate()
    }

    /// Takes bytes in and appends the replies that are whole now.
    ///
    /// - Throws: ``RedisError`` with code `protocolViolation`; the reader is then of no more use. Replies that came
    ///   before the fault are appended all the same.
    mutating func read(_ bytes: UnsafeRawBufferPointer, into replies: inout [RedisValue]) throws(RedisError) {
        guard redisReaderFeed(handle, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count) == REDIS_OK
        else { throw violation }
        pendingBytes += bytes.count
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(handle, &reply) == REDIS_OK else { throw violation }
            guard let reply else { break }
            defer { freeReplyObject(reply) }
            replies.append(Self.value(reply.assumingMemoryBound(to: redisReply.self)))
            bounds.pointee.elements = 0
            pendingBytes = handle.pointee.len - handle.pointee.pos
        }
        guard pendingBytes <= maximumBytes else {
            throw RedisError(.protocolViolation, "the server sent a reply of more than \(maximumBytes) bytes")
        }
    }

    private var violation: RedisError {
        if bounds.pointee.isExceeded {
            let maximum = bounds.pointee.maximumElements
            return RedisError(.protocolViolation, "the server sent a reply of more than \(maximum) elements")
        }
        let reason = withUnsafeBytes(of: handle.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisError(.protocolViolation, "the server sent what is no Redis reply (\(reason))")
    }

    /// Copies a reply; nesting is bounded by the reader.
    private static func value(_ reply: UnsafePointer<redisReply>) -> RedisValue {
        let content = reply.pointee
        let bytes = UnsafeRawBufferPointer(start: content.str, count: content.str == nil ? 0 : content.len)
        switch content.type {
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: return .error(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_INTEGER: return .integer(content.integer)
        case REDIS_REPLY_STRING: return .bytes(Array(bytes))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(
                start: content.element, count: content.element == nil ? 0 : content.elements)
            return .array(elements.map { $0.map { value($0) } ?? .null })
        default: return .null
        }
    }
}

/// What hiredis's array constructor needs to know: its original and how many elements are left.
private struct ReplyBounds {
    /// hiredis's table, with the array constructor replaced.
    var functions: redisReplyObjectFunctions
    let original: (@convention(c) (UnsafePointer<redisReadTask>?, Int32) -> UnsafeMutableRawPointer?)?
    let maximumElements: Int
    /// The elements of the reply that is being read.
    var elements = 0
    var isExceeded = false

    init(functions: redisReplyObjectFunctions, maximumElements: Int) {
        self.functions = functions
        original = functions.createArray
        self.maximumElements = maximumElements
    }

    /// Makes hiredis's own array, or `nil`, which hiredis takes for lack of memory and stops.
    static func makeArray(_ task: UnsafePointer<redisReadTask>?, _ count: Int32) -> UnsafeMutableRawPointer? {
        guard let bounds = task?.pointee.privdata?.assumingMemoryBound(to: ReplyBounds.self) else { return nil }
        let elements = bounds.pointee.elements + Int(max(count, 0))
        guard elements <= bounds.pointee.maximumElements else {
            bounds.pointee.isExceeded = true
            return nil
        }
        bounds.pointee.elements = elements
        return bounds.pointee.original?(task, count)
    }
}
