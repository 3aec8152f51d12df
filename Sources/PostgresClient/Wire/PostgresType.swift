/// The types that parameters are sent as; the raw value is the type's object identifier (`pg_type.dat`).
package enum PostgresType: UInt32, Sendable {
    case bool = 16
    case int8 = 20
    case int4 = 23
    case text = 25
    case uuid = 2950
    case jsonb = 3802

    /// The object identifier of the type's array.
    var arrayIdentifier: UInt32 {
        switch self {
        case .bool: 1000
        case .int8: 1016
        case .int4: 1007
        case .text: 1009
        case .uuid: 2951
        case .jsonb: 3807
        }
    }
}
