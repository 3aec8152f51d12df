/// A range of a document, in UTF-16 units.
public struct SelectionRange: Hashable, Sendable {
    public var index: Int
    public var length: Int
    public init(index: Int, length: Int) {
        self.index = index
        self.length = length
    }
}

/// Where a client is in the document, in UTF-16 units of a version that its holder knows.
public struct Presence: Hashable, Sendable {
    public var cursor: Int?
    public var selection: SelectionRange?
    public init(cursor: Int? = nil, selection: SelectionRange? = nil) {
        self.cursor = cursor
        self.selection = selection
    }
}

/// Who a client is, as the others see it.
public struct ClientProfile: Hashable, Sendable {
    public var userID: UserID
    public var name: String
    /// A CSS colour, `#rrggbb`.
    public var color: String
    public init(userID: UserID, name: String, color: String) {
        self.userID = userID
        self.name = name
        self.color = color
    }
}
