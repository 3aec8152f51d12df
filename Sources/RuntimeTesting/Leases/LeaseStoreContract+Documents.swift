internal import CollabModel
internal import RuntimePorts

extension LeaseStoreContract {
    static let documentCases = [
        Case(name: "a document without a lease can be claimed") { environment in
            try requireEqual(await environment.store.lease(of: document), nil, "the lease before")
            let lease = try lease("n1", incarnation: .min, epoch: .max)
            try requireEqual(
                await environment.store.claim(document, replacing: nil, with: lease), .claimed, "the claim")
            try requireEqual(await environment.store.lease(of: document), lease, "the lease")
            try requireEqual(await environment.store.lease(of: otherDocument), nil, "another document's lease")
        },
        Case(name: "a claim that expects another lease is told which stands") { environment in
            let first = try lease("n1", epoch: 1)
            _ = try await environment.store.claim(document, replacing: nil, with: first)
            let wrong: [DocumentLease?] = [
                nil, try lease("n1", epoch: 2), try lease("n1", incarnation: 2, epoch: 1), try lease("n2", epoch: 1),
            ]
            for expected in wrong {
                try requireEqual(
                    await environment.store.claim(document, replacing: expected, with: try lease("n3", epoch: 2)),
                    .held(first), "the claim that expects \(String(describing: expected))")
            }
            try requireEqual(await environment.store.lease(of: document), first, "the lease")
        },
        Case(name: "a claim that expects the lease that stands replaces it") { environment in
            let first = try lease("n1", epoch: 1)
            let second = try lease("n2", epoch: 2)
            _ = try await environment.store.claim(document, replacing: nil, with: first)
            try requireEqual(
                await environment.store.claim(document, replacing: first, with: second), .claimed, "the claim")
            try requireEqual(await environment.store.lease(of: document), second, "the lease")
        },
        Case(name: "a claim can be sent again") { environment in
            let first = try lease("n1", epoch: 1)
            let second = try lease("n2", epoch: 2)
            _ = try await environment.store.claim(document, replacing: nil, with: first)
            for attempt in 1...2 {
                try requireEqual(
                    await environment.store.claim(document, replacing: first, with: second), .claimed,
                    "attempt \(attempt)")
            }
        },
        Case(name: "of many claimants at once one wins, and the others are told who") { environment in
            let leases = try (1...32).map { try lease("n\($0)", epoch: Int64($0)) }
            let outcomes = try await withThrowingTaskGroup { group in
                for lease in leases {
                    group.addTask {
                        (lease, try await environment.store.claim(document, replacing: nil, with: lease))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.filter { $0.1 == .claimed }.map(\.0)
            try requireEqual(winners.count, 1, "the number of winners")
            let losers = outcomes.filter { $0.1 != .claimed }
            try require(
                losers.allSatisfy { $0.1 == .held(winners[0]) }, "somebody was not told of \(winners): \(losers)")
            try requireEqual(await environment.store.lease(of: document), winners[0], "the lease")
        },
        Case(name: "a release deletes exactly the lease that it names") { environment in
            let lease = try lease("n1", epoch: 2)
            _ = try await environment.store.claim(document, replacing: nil, with: lease)
            let others = [
                try LeaseStoreContract.lease("n1", epoch: 1),
                try LeaseStoreContract.lease("n1", incarnation: 2, epoch: 2),
                try LeaseStoreContract.lease("n2", epoch: 2),
            ]
            for other in others { try await environment.store.release(document, other) }
            try await environment.store.release(otherDocument, lease)
            try requireEqual(await environment.store.lease(of: document), lease, "the lease after other releases")
            try await environment.store.release(document, lease)
            try requireEqual(await environment.store.lease(of: document), nil, "the lease after its release")
            try await environment.store.release(document, lease)
        },
        Case(name: "a document's lease outlives its holder's") { environment in
            let record = try node("n1")
            let lease = try lease("n1", epoch: 1)
            _ = try await environment.store.renew(record, timeToLiveMilliseconds: short)
            _ = try await environment.store.claim(document, replacing: nil, with: lease)
            try await environment.letTimePass(short)
            try requireEqual(await environment.store.members().members, [], "the members")
            try requireEqual(await environment.store.lease(of: document), lease, "the lease")
        },
    ]
}
