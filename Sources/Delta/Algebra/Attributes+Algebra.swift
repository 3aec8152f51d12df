import JSON

// quill-delta 5.1.0, src/AttributeMap.ts. "undefined" and "{}" are the same here, as they are to everything that
// calls these functions there.
extension Attributes {
    /// What `other` makes of these attributes; a `null` of `other` removes, unless `keepsNull`.
    public func compose(_ other: Attributes, keepsNull: Bool) -> Attributes {
        guard let theirs = other.box?.object else { return self }
        let ours = object
        if ours.isEmpty && (keepsNull || !theirs.contains { $0.value.isNull }) { return other }
        var result = [JSONObject.Entry]()
        result.reserveCapacity(ours.count + theirs.count)
        Self.merge(ours, theirs) { key, our, their in
            guard let value = their ?? our, their == nil || keepsNull || !value.isNull else { return }
            result.append(JSONObject.Entry(key: key, value: value))
        }
        return Attributes(JSONObject(result))
    }

    /// The format that makes `other` of these attributes.
    public func diff(_ other: Attributes) -> Attributes {
        if self == other { return .none }
        var result = [JSONObject.Entry]()
        Self.merge(object, other.object) { key, our, their in
            if our != their { result.append(JSONObject.Entry(key: key, value: their ?? .null)) }
        }
        return Attributes(JSONObject(result))
    }

    /// The format that undoes this format on a piece that had the attributes `base`.
    public func invert(_ base: Attributes) -> Attributes {
        if isEmpty { return .none }
        var result = [JSONObject.Entry]()
        Self.merge(object, base.object) { key, our, base in
            guard let our else { return }
            // ECMAScript compares objects and arrays by identity, and these are never identical.
            let isSame = our == base && our.object == nil && our.array == nil
            if !isSame { result.append(JSONObject.Entry(key: key, value: base ?? .null)) }
        }
        return Attributes(JSONObject(result))
    }

    /// The format `other`, made beside this one, as it has to be after it.
    ///
    /// With priority this format came first and stands: what it sets, `other` does not change.
    public func transform(_ other: Attributes, priority: Bool) -> Attributes {
        guard priority, let ours = box?.object, let theirs = other.box?.object else { return other }
        let kept = theirs.filter { ours[$0.key] == nil }
        return kept.count == theirs.count ? other : Attributes(JSONObject(kept))
    }

    /// Goes over the names of two objects in order, with the value of each.
    private static func merge(
        _ left: JSONObject, _ right: JSONObject, _ body: (String, JSONValue?, JSONValue?) -> Void
    ) {
        let left = left.entries
        let right = right.entries
        var i = 0
        var j = 0
        while i < left.count || j < right.count {
            if j == right.count || i < left.count && JSONObject.precedes(left[i].key, right[j].key) {
                body(left[i].key, left[i].value, nil)
                i += 1
            } else if i == left.count || JSONObject.precedes(right[j].key, left[i].key) {
                body(right[j].key, nil, right[j].value)
                j += 1
            } else {
                body(left[i].key, left[i].value, right[j].value)
                i += 1
                j += 1
            }
        }
    }
}
