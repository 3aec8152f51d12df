internal import CollabModel
internal import Delta
internal import DocumentCore
internal import JSON
internal import RuntimePorts

extension LogContract {
    static let readingCases: [Case] = [
        Case("A range of operations is read in portions") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            _ = try await store.append([document.inserts(10)], lane: 0)
            let some = try await store.operations(of: document.id, after: Version(3), through: Version(8), limit: 3)
            try requireEqual(some.map(\.version.value), [4, 5, 6], "versions")
            let rest = try await store.operations(of: document.id, after: Version(6), through: Version(8), limit: 3)
            try requireEqual(rest.map(\.version.value), [7, 8], "versions of the rest")
            let none = try await store.operations(of: document.id, after: Version(8), through: Version(8), limit: 3)
            try require(none.isEmpty, "operations of an empty range")
        },
        Case("A range past the end of the log is an error, not a short answer (G8)") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            _ = try await store.append([document.inserts(2)], lane: 0)
            do {
                _ = try await store.operations(of: document.id, after: .initial, through: Version(3), limit: 9)
                throw Violation(description: "three operations of a log of two")
            } catch is DamagedLog {}
        },
        Case("A client's operation is found by its id, and its last one at or below a version") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            let other = source.client()
            var delta = Delta()
            delta.insert("theirs")
            let operations = [
                document.insert("1"), document.apply(delta, by: other, id: "op-1"), document.insert("3"),
            ]
            _ = try await store.append([document.append(operations)], lane: 0)
            for operation in operations {
                let found = try await store.find(operation.operationID, of: operation.clientID, in: document.id)
                try requireEqual(found?.version, operation.version, "version of \(operation.operationID)")
                try requireEqual(found?.digest, operation.digest, "digest of \(operation.operationID)")
            }
            guard let unknown = OperationID("op-9") else { return }
            try require(try await store.find(unknown, of: other, in: document.id) == nil, "found what is not there")
            let last = try await store.lastOperation(of: document.client, in: document.id, through: Version(3))
            try requireEqual(last?.text, "op-3", "last operation")
            let earlier = try await store.lastOperation(of: document.client, in: document.id, through: Version(2))
            try requireEqual(earlier?.text, "op-1", "last operation through version 2")
            let stranger = source.client()
            let none = try await store.lastOperation(of: stranger, in: document.id, through: Version(3))
            try require(none == nil, "a stranger's last operation")
        },
        Case("The last operation of a client that has been away for long is found") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            let away = source.client()
            var delta = Delta()
            delta.insert("z")
            let early = [document.apply(delta, by: away, id: "zz"), document.apply(delta, by: away, id: "aa")]
            _ = try await store.append([document.append(early)], lane: 0)
            for _ in 0..<3 { _ = try await store.append([document.inserts(400)], lane: 0) }
            let last = try await store.lastOperation(of: away, in: document.id, through: document.version)
            try requireEqual(last?.text, "aa", "last operation")
        },
        Case("Text, embeds, attributes and numbers of every kind come back with the same digest (G6)") {
            store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            var operations: [CommittedOperation] = []
            for delta in oddDeltas { operations.append(document.apply(delta)) }
            _ = try await store.append([document.append(operations)], lane: 0)
            let read = try await store.operations(
                of: document.id, after: .initial, through: document.version, limit: 99)
            try requireEqual(read, operations, "operations")
            var replayed = DocumentContent()
            for operation in read {
                try replayed.apply(operation.delta)
                try requireEqual(replayed.digest, operation.digest, "digest of version \(operation.version)")
            }
        },
    ]

    /// Numbers in every form that JSON, binary64 and a decimal type see differently.
    private static let oddNumbers: [Double] = [
        0, -0.0, 1, 1.0, 0.1, 0.1 + 0.2, -1.5, 1e21, 1e-7, 123_456_789_012_345_683_968, 9_007_199_254_740_992,
        -9_223_372_036_854_775_808, Double.leastNonzeroMagnitude, 2.2250738585072014e-308, 1.7976931348623157e308, 4.35,
        1.0 / 3.0,
    ]

    private static var oddDeltas: [Delta] {
        let texts = [
            "plain", "\u{1F600}\u{1F468}\u{200D}\u{1F469}", "\"\\/\u{8}\u{C}\n\r\t", "\u{1}\u{1F}\u{7F}\u{80}",
            "\u{2028}\u{2029}\u{FEFF}\u{FFFD}\u{FFFF}", "e\u{301}\u{E9}", "\u{5D0}\u{200F}\u{202E}", "\u{10FFFF}",
        ]
        var values: [JSONValue] = oddNumbers.map { .number($0) } + texts.map { .string($0) }
        values += [
            .bool(true), .bool(false), .null, .string(""), .array([]), .object(JSONObject()),
            .array([.number(1), .array([.null]), .string("x")]),
            .object(
                JSONObject([
                    .init(key: "zz", value: .number(1)), .init(key: "a", value: .object(JSONObject())),
                    .init(key: "\u{E9}", value: .bool(true)), .init(key: "e\u{301}", value: .bool(false)),
                ])),
        ]
        var deltas: [Delta] = []
        for text in texts {
            var delta = Delta()
            delta.insert(text, attributes: ["text": .string(text)])
            deltas.append(delta)
        }
        for (index, value) in values.enumerated() {
            var delta = Delta()
            delta.insert("a\(index)", attributes: ["value": value, "b": .bool(true)])
            delta.insert(embed: Embed(JSONObject([.init(key: "embed", value: value)])), attributes: ["k": value])
            delta.retain(2, attributes: ["other": value, "value": .null])
            deltas.append(delta)
        }
        return deltas
    }
}
