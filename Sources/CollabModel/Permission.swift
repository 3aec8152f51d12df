/// What a user may do with a document; each permission includes the ones below it.
public enum Permission: UInt8, Sendable, Comparable, CaseIterable, CustomStringConvertible {
    case view = 1
    case edit = 2
    case admin = 3

    /// Reads the wire form `view`, `edit` or `admin`.
    public init?(_ text: some StringProtocol) {
        switch text {
        case "view": self = .view
        case "edit": self = .edit
        case "admin": self = .admin
        default: return nil
        }
    }

    public static func < (left: Permission, right: Permission) -> Bool { left.rawValue < right.rawValue }

    public var description: String {
        switch self {
        case .view: "view"
        case .edit: "edit"
        case .admin: "admin"
        }
    }
}
