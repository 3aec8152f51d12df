internal import CollabModel
internal import Delta
internal import DocumentCore
internal import RuntimePorts

extension LogContract {
    static let appendCases: [Case] = [
        Case("What was appended is read back as it was") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            let part = document.inserts(3)
            try requireEqual(try await store.append([part], lane: 0), [.appended], "outcome")
            let read = try await store.operations(of: document.id, after: .initial, through: document.version, limit: 9)
            try requireEqual(read, part.operations, "operations")
            try requireEqual(try await store.ownership(of: document.id)?.head, document.version, "head")
        },
        Case("A gap, a replay and an empty log's second version are refused") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            let first = document.inserts(2)
            let skipped = document.inserts(1)
            let late = document.inserts(1)
            try requireEqual(try await store.append([skipped], lane: 0), [.refused], "before the first")
            try requireEqual(try await store.append([first], lane: 0), [.appended], "the first")
            try requireEqual(try await store.append([first], lane: 0), [.refused], "the replay")
            try requireEqual(try await store.append([late], lane: 0), [.refused], "after a gap")
            try requireEqual(try await store.append([skipped, late], lane: 0), [.appended, .appended], "in order")
        },
        Case("A gap inside of an append is refused whole") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            let operations = document.inserts(4).operations
            let holed = document.append([operations[0], operations[1], operations[3]])
            try requireEqual(try await store.append([holed], lane: 0), [.refused], "outcome")
            // Hides the gap from a count; the key of the rows refuses it, which fails the statement.
            let doubled = document.append([operations[0], operations[1], operations[1], operations[3]])
            do {
                try requireEqual(try await store.append([doubled], lane: 0), [.refused], "a version twice")
            } catch AppendError.failed {}
            try requireEqual(try await store.ownership(of: document.id)?.head, .initial, "head")
        },
        Case("An owner whose epoch has passed appends nothing (G5)") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            var zombie = document
            try await document.takeOver(in: store, as: source.node("b"))
            try requireEqual(try await store.append([zombie.inserts(1)], lane: 0), [.refused], "the old owner")
            try requireEqual(try await store.append([document.inserts(1)], lane: 0), [.appended], "the new owner")
            var future = document
            future.epoch = document.epoch.next
            try requireEqual(try await store.append([future.inserts(1)], lane: 0), [.refused], "an epoch not raised")
        },
        Case("A refused document does not hurt the others of its batch") { store, source in
            var fenced = try await source.document(in: store)
            try await fenced.takeOver(in: store, as: source.node("a"))
            var old = fenced
            try await fenced.takeOver(in: store, as: source.node("b"))
            var sound: [SampleDocument] = []
            for _ in 0..<3 {
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                sound.append(document)
            }
            let unknown = SampleDocument(id: DocumentID(.random(using: &source)), client: source.client())
            var missing = unknown
            let batch = [
                sound[0].inserts(2), old.inserts(1), sound[1].inserts(1), missing.inserts(1), sound[2].inserts(5),
            ]
            let outcomes = try await store.append(batch, lane: 1)
            try requireEqual(outcomes, [.appended, .refused, .appended, .refused, .appended], "outcomes")
            for document in sound {
                try requireEqual(try await store.ownership(of: document.id)?.head, document.version, "head")
            }
            try requireEqual(try await store.ownership(of: fenced.id)?.head, .initial, "head of the refused")
        },
        Case("Of two epochs of a document in one batch only the present one is written") { store, source in
            var document = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            var old = document
            try await document.takeOver(in: store, as: source.node("b"))
            let mine = document.inserts(2)
            let outcomes = try await store.append([old.inserts(2), mine], lane: 0)
            try requireEqual(outcomes, [.refused, .appended], "outcomes")
            let read = try await store.operations(of: document.id, after: .initial, through: document.version, limit: 9)
            try requireEqual(read, mine.operations, "operations")
        },
        Case("An operation id of a client is in the log once (G3)") { store, source in
            var document = try await source.document(in: store)
            var other = try await source.document(in: store)
            try await document.takeOver(in: store, as: source.node("a"))
            try await other.takeOver(in: store, as: source.node("a"))
            _ = try await store.append([document.append([document.insert("x")])], lane: 0)
            var delta = Delta()
            delta.insert("again")
            let again = document.append([document.apply(delta, id: "op-1")])
            do {
                _ = try await store.append([other.inserts(1), again], lane: 0)
                throw Violation(description: "a second operation op-1 was taken")
            } catch AppendError.failed(_, let isTransient) {
                try require(!isTransient, "a repeated id is no passing failure")
            }
            try requireEqual(try await store.ownership(of: document.id)?.head, Version(1), "head")
            try requireEqual(try await store.ownership(of: other.id)?.head, .initial, "head of the other")
        },
        Case("Appends of many documents on all lanes at once are all written in order") { store, source in
            var documents: [SampleDocument] = []
            let owner = source.node("a")
            for _ in 0..<8 {
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: owner)
                documents.append(document)
            }
            let heads = try await withThrowingTaskGroup(of: (DocumentID, Version).self) { group in
                for (index, document) in documents.enumerated() {
                    group.addTask {
                        var document = document
                        for _ in 0..<20 {
                            let part = document.inserts(2)
                            try requireEqual(
                                try await store.append([part], lane: index), [.appended], "outcome")
                        }
                        return (document.id, document.version)
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for document in documents {
                let head = heads[document.id] ?? .initial
                let read = try await store.operations(of: document.id, after: .initial, through: head, limit: 100)
                try requireEqual(read.map(\.version), (1...40).map { Version($0) }, "versions")
            }
        },
    ]
}
