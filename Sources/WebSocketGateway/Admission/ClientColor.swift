import CollabModel

/// The colour of a client's cursor: the same on every node, since it comes from the client id alone.
enum ClientColor {
    /// Dark enough for white text on top of it.
    private static let palette = [
        "#c0392b", "#d35400", "#b7791f", "#5b8c00", "#1e8449", "#117a65", "#0e7490", "#2471a3", "#3949ab", "#6c3483",
        "#a21caf", "#be185d", "#78523b", "#475569",
    ]

    static func of(_ client: ClientID) -> String {
        palette[Int((client.value.high ^ client.value.high >> 32) % UInt64(palette.count))]
    }
}
