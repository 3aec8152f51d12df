/// Which of the messages that were published on a channel in confirm mode the server has not confirmed yet.
///
/// Both sides number messages from 1 (RabbitMQ, "Consumer Acknowledgements and Publisher Confirms"). The server may
/// confirm in any order, one or all up to a number.
struct ConfirmWindow {
    /// The number of the last message that was published.
    private(set) var last: UInt64 = 0
    /// Everything up to here is confirmed.
    private var floor: UInt64 = 0
    /// What is confirmed above ``floor``, which is not followed by it.
    private var above: Set<UInt64> = []

    /// How many messages are not confirmed.
    var outstanding: Int { Int(last - floor) - above.count }

    /// Numbers the next message.
    mutating func publish() { last += 1 }

    /// Takes a confirmation in; `tag` 0 with `upTo` means all.
    ///
    /// - Returns: `false` when the server confirms what was not published, or one message twice.
    mutating func confirm(_ tag: UInt64, upTo multiple: Bool) -> Bool {
        if multiple {
            let tag = tag == 0 ? last : tag
            guard tag <= last else { return false }
            if tag > floor {
                floor = tag
                above = above.filter { $0 > tag }
            }
        } else {
            guard tag > floor, tag <= last, above.insert(tag).inserted else { return false }
        }
        while above.remove(floor + 1) != nil { floor += 1 }
        return true
    }
}
