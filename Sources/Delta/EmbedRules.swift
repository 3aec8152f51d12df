public import JSON

/// How embeds of one type are changed from within: quill-delta's embed handler.
///
/// The values are what the type's name stands for in the embed: of `{"table": x}`, `x`.
public struct EmbedRule: Sendable {
    /// What `change` makes of the first value; the last argument says whether the first is a change as well.
    public var compose: @Sendable (JSONValue, _ change: JSONValue, Bool) throws(DeltaError) -> JSONValue
    /// The change that undoes `change` on the second value.
    public var invert: @Sendable (_ change: JSONValue, JSONValue) throws(DeltaError) -> JSONValue
    /// The second change, made beside the first, as it has to be after it; with priority the first came first.
    public var transform: @Sendable (JSONValue, JSONValue, Bool) throws(DeltaError) -> JSONValue

    /// Makes a rule of its three parts.
    public init(
        compose: @escaping @Sendable (JSONValue, JSONValue, Bool) throws(DeltaError) -> JSONValue,
        invert: @escaping @Sendable (JSONValue, JSONValue) throws(DeltaError) -> JSONValue,
        transform: @escaping @Sendable (JSONValue, JSONValue, Bool) throws(DeltaError) -> JSONValue
    ) {
        self.compose = compose
        self.invert = invert
        self.transform = transform
    }
}

/// The rules for embeds, by type: the name of an embed's only member.
public struct EmbedRules: Sendable {
    /// The rules by type.
    public var rules: [String: EmbedRule]

    /// Makes a set of rules.
    public init(_ rules: [String: EmbedRule] = [:]) { self.rules = rules }

    /// No rules: a retained embed cannot be combined with anything that changes it.
    public static let none = EmbedRules()

    func rule(_ type: String) throws(DeltaError) -> EmbedRule {
        guard let rule = rules[type] else { throw .noEmbedRule(type) }
        return rule
    }
}

extension Embed {
    /// The type and its value.
    var member: JSONObject.Entry? { value.object?.entries.first }

    /// The values of two embeds of one type.
    func matched(with other: Embed) throws(DeltaError) -> (type: String, own: JSONValue, other: JSONValue) {
        guard let own = member, let other = other.member, own.key == other.key else { throw .embedMismatch }
        return (own.key, own.value, other.value)
    }

    init(type: String, value: JSONValue) { self.init(JSONObject([JSONObject.Entry(key: type, value: value)])) }
}
