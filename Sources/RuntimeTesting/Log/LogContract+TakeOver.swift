internal import CollabModel
internal import DocumentCore
internal import RuntimePorts

extension LogContract {
    static let takeOverCases: [Case] = [
        Case("A takeover raises the believed epoch and tells the exact end of the log") { store, source in
            var document = try await source.document(in: store)
            let first = source.node("a")
            try requireEqual(
                try await store.ownership(of: document.id),
                Ownership(epoch: .none, owner: nil, address: nil, head: .initial), "before anybody")
            try await document.takeOver(in: store, as: first)
            _ = try await store.append([document.inserts(4)], lane: 0)
            let second = source.node("b")
            let address = PeerAddress(host: "node-b.example", port: 65_535)
            let outcome = try await store.takeOver(document.id, believed: Epoch(1), as: second, at: address)
            try requireEqual(outcome, .taken(Epoch(2), head: Version(4)), "outcome")
            try requireEqual(
                try await store.ownership(of: document.id),
                Ownership(epoch: Epoch(2), owner: second, address: address, head: Version(4)), "afterwards")
        },
        Case("A takeover that believes another epoch is told what stands there") { store, source in
            var document = try await source.document(in: store)
            let owner = source.node("a")
            try await document.takeOver(in: store, as: owner)
            let standing = Ownership(
                epoch: Epoch(1), owner: owner, address: SampleDocument.address, head: .initial)
            for believed in [Epoch(0), Epoch(2)] {
                let outcome = try await store.takeOver(
                    document.id, believed: believed, as: source.node("b"), at: SampleDocument.address)
                try requireEqual(outcome, .superseded(standing), "outcome")
            }
        },
        Case("Of two takeovers of one epoch exactly one succeeds") { store, source in
            for _ in 0..<5 {
                let document = try await source.document(in: store)
                let claimants = ["a", "b", "c", "d"].map { source.node($0) }
                let outcomes = try await withThrowingTaskGroup(of: TakeoverOutcome.self) { group in
                    for claimant in claimants {
                        group.addTask {
                            try await store.takeOver(
                                document.id, believed: .none, as: claimant, at: SampleDocument.address)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let taken = outcomes.filter { $0 == .taken(Epoch(1), head: .initial) }
                try requireEqual(taken.count, 1, "successful takeovers of \(outcomes)")
            }
        },
        Case("An unknown document has no owner and cannot be taken over") { store, source in
            let document = DocumentID(.random(using: &source))
            try require(try await store.ownership(of: document) == nil, "an owner of nothing")
            let outcome = try await store.takeOver(
                document, believed: .none, as: source.node("a"), at: SampleDocument.address)
            try requireEqual(outcome, .noSuchDocument, "outcome")
        },
        Case("A takeover beside appends learns the exact end, and nothing of the old epoch follows it") {
            store, source in
            for round in 0..<10 {
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                let successor = source.node("b")
                let old = document
                async let appended: Int = {
                    var old = old
                    var count = 0
                    while try await store.append([old.inserts(1)], lane: 0) == [.appended] { count += 1 }
                    return count
                }()
                var outcome = TakeoverOutcome.noSuchDocument
                // Some appends first, so that there is something to take over.
                while try await store.ownership(of: document.id)?.head ?? .initial < Version(Int64(round)) {
                    // The appends need a thread, and a store in memory never gives this one up.
                    await Task.yield()
                }
                outcome = try await store.takeOver(
                    document.id, believed: document.epoch, as: successor, at: SampleDocument.address)
                let count = try await appended
                guard case .taken(_, let head) = outcome else {
                    throw Violation(description: "takeover: \(outcome)")
                }
                try requireEqual(head, Version(Int64(count)), "head told to the successor")
                try requireEqual(try await store.ownership(of: document.id)?.head, head, "head afterwards")
            }
        },
    ]
}
