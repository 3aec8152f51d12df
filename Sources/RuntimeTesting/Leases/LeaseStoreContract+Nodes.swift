internal import CollabModel
internal import RuntimePorts

extension LeaseStoreContract {
    static let nodeCases = [
        Case(name: "an empty store has no members") { environment in
            let snapshot = try await environment.store.members()
            try requireEqual(snapshot, MembershipSnapshot(members: [], markerAgeMilliseconds: nil), "the snapshot")
        },
        Case(name: "a renewed node is a member with all that it says of itself") { environment in
            var node = try node("n-1_a.B", .min)
            node.peerAddress = PeerAddress(host: "fe80::1%eth0", port: 65535)
            node.publicURL = "https://größe.example/ü?a=b&c=%25\nd=\r\u{0}=e"
            node.capacity = .max
            node.isDraining = true
            node.ownedDocuments = .max
            node.sessions = 1_000_000
            try requireEqual(
                await environment.store.renew(node, timeToLiveMilliseconds: long), .held, "the first renewal")
            try requireEqual(await environment.store.members().members, [node], "the members")
        },
        Case(name: "a renewal replaces what the node said before") { environment in
            var node = try node("n1")
            _ = try await environment.store.renew(node, timeToLiveMilliseconds: long)
            node.sessions = 7
            node.isDraining = true
            try requireEqual(
                await environment.store.renew(node, timeToLiveMilliseconds: long), .held, "the second renewal")
            try requireEqual(await environment.store.members().members, [node], "the members")
        },
        Case(name: "members are ordered by id") { environment in
            for id in ["n2", "n10", "a", "Z"] {
                _ = try await environment.store.renew(try node(id), timeToLiveMilliseconds: long)
            }
            let ids = try await environment.store.members().members.map(\.id.text)
            try requireEqual(ids, ["Z", "a", "n10", "n2"], "the ids")
        },
        Case(name: "an id that is alive in another incarnation is occupied") { environment in
            let first = try node("n1", .max)
            _ = try await environment.store.renew(first, timeToLiveMilliseconds: long)
            try requireEqual(
                await environment.store.renew(try node("n1", .max - 1), timeToLiveMilliseconds: long),
                .occupied(by: first.incarnation), "the other incarnation's renewal")
            try requireEqual(await environment.store.members().members, [first], "the members")
        },
        Case(name: "a lease ends by the store's clock, and then another incarnation may have the id") { environment in
            let bystander = try node("n2")
            _ = try await environment.store.renew(bystander, timeToLiveMilliseconds: long)
            _ = try await environment.store.renew(try node("n1", 1), timeToLiveMilliseconds: short)
            try await environment.letTimePass(short)
            try requireEqual(await environment.store.members().members, [bystander], "the members after the end")
            let second = try node("n1", 2)
            try requireEqual(
                await environment.store.renew(second, timeToLiveMilliseconds: long), .held, "the successor's renewal")
            try requireEqual(await environment.store.members().members, [second, bystander], "the members")
        },
        Case(name: "a renewal counts its time to live from itself") { environment in
            let node = try node("n1")
            _ = try await environment.store.renew(node, timeToLiveMilliseconds: short)
            _ = try await environment.store.renew(node, timeToLiveMilliseconds: long)
            try await environment.letTimePass(short)
            try requireEqual(await environment.store.members().members, [node], "the members")
        },
        Case(name: "a node that leaves is gone, and its id is free") { environment in
            let first = try node("n1", 1)
            _ = try await environment.store.renew(first, timeToLiveMilliseconds: long)
            try await environment.store.leave(first.identity)
            try requireEqual(await environment.store.members().members, [], "the members")
            let second = try node("n1", 2)
            try requireEqual(
                await environment.store.renew(second, timeToLiveMilliseconds: long), .held, "the successor's renewal")
            try requireEqual(await environment.store.members().members, [second], "the members")
        },
        Case(name: "an earlier incarnation that leaves does not take the id from the present one") { environment in
            let present = try node("n1", 2)
            _ = try await environment.store.renew(present, timeToLiveMilliseconds: long)
            try await environment.store.leave(try node("n1", 1).identity)
            try requireEqual(await environment.store.members().members, [present], "the members")
        },
    ]

    static let markerCases = [
        Case(name: "the marker is born with the first renewal and keeps its birth through the next") { environment in
            _ = try await environment.store.renew(try node("n1"), timeToLiveMilliseconds: long)
            try await environment.letTimePass(short)
            _ = try await environment.store.renew(try node("n1"), timeToLiveMilliseconds: long)
            _ = try await environment.store.renew(try node("n2"), timeToLiveMilliseconds: long)
            let age = try await environment.store.members().markerAgeMilliseconds
            try require((age ?? 0) >= short, "the marker's age is \(String(describing: age))")
        },
        Case(name: "a marker that nobody renewed for a time to live is missing, and is born again") { environment in
            _ = try await environment.store.renew(try node("n1"), timeToLiveMilliseconds: short)
            try await environment.letTimePass(short)
            let missing = try await environment.store.members().markerAgeMilliseconds
            try requireEqual(missing, nil, "the age of the lapsed marker")
            try await environment.letTimePass(short)
            _ = try await environment.store.renew(try node("n1"), timeToLiveMilliseconds: long)
            let first = try await environment.store.members().markerAgeMilliseconds
            try await environment.letTimePass(short)
            let second = try await environment.store.members().markerAgeMilliseconds
            guard let first, let second else { throw Violation(description: "the marker was not born again") }
            try require(first >= 0 && second >= first + short, "the marker's age went from \(first) to \(second)")
        },
        Case(name: "an emptied store has no marker, no members and no leases, and works on") { environment in
            let record = try node("n1")
            let lease = try lease("n1", epoch: 1)
            _ = try await environment.store.renew(record, timeToLiveMilliseconds: long)
            _ = try await environment.store.claim(document, replacing: nil, with: lease)
            try await environment.empty()
            let snapshot = try await environment.store.members()
            try requireEqual(snapshot, MembershipSnapshot(members: [], markerAgeMilliseconds: nil), "the snapshot")
            try requireEqual(await environment.store.lease(of: document), nil, "the lease")
            try requireEqual(
                await environment.store.renew(record, timeToLiveMilliseconds: long), .held, "the next renewal")
            try requireEqual(await environment.store.members().members, [record], "the members")
            try requireEqual(
                await environment.store.claim(
                    document, replacing: lease, with: try LeaseStoreContract.lease("n1", epoch: 2)),
                .claimed, "a claim that expected the lost lease")
        },
    ]
}
