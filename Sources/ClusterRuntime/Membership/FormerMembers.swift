/// The public URLs of nodes that were members not long ago. The pages that they served live on in browsers, and go on at
/// the other nodes.
struct FormerMembers {
    /// As long as a page may be left open overnight.
    static let rememberedMicroseconds: Int64 = 86_400_000_000
    static let atMost = 64

    private var lastSeen: [String: Int64] = [:]

    /// Notes who is a member at a time of the node's monotonic clock, in microseconds. Of too many the earliest are
    /// forgotten.
    mutating func note(_ urls: [String], at now: Int64) {
        for url in urls { lastSeen[url] = now }
        guard lastSeen.count > Self.atMost else { return }
        let latest = lastSeen.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.prefix(Self.atMost)
        lastSeen = Dictionary(uniqueKeysWithValues: latest.map { ($0.key, $0.value) })
    }

    /// Those that were seen within ``rememberedMicroseconds``.
    func urls(at now: Int64) -> [String] {
        lastSeen.filter { now - $0.value < Self.rememberedMicroseconds }.keys.sorted()
    }
}
