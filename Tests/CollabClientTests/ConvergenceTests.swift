import CollabClient
import CollabClientTesting
import CollabModel
import Delta
import Testing

@Suite struct ConvergenceTests {
    @Test func `What one session types another sees`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let ann = try await cluster.session(document)
            let bob = try await cluster.session(document)
            try await ann.insert("Hello")
            try await ann.waitUntilSaved(within: patience)
            try await bob.waitUntilSettled(at: Version(1), within: patience)
            #expect(await bob.text == "Hello\n")
            #expect(await ann.version == Version(1))
            await ann.close()
            await bob.close()
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `Sessions that type at the same time end with the same document`(seed: UInt64) async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            var sessions: [CollabSession] = []
            for index in 0..<4 {
                sessions.append(try await cluster.session(document, .quick(seed * 10 + UInt64(index))))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, session) in sessions.enumerated() {
                    group.addTask {
                        for edit in 0..<50 {
                            try await session.edit { content in
                                var change = Delta()
                                change.retain((edit * 7 + index * 3) % content.length)
                                if edit % 5 == 4, content.length > 8 {
                                    change = Delta()
                                    change.delete(2)
                                } else {
                                    change.insert("\(index)")
                                }
                                return change
                            }
                        }
                        try await session.waitUntilSaved(within: patience)
                    }
                }
                try await group.waitForAll()
            }
            let (head, content) = try #require(try await cluster.onLoop { $0.content(of: document) })
            for session in sessions {
                try await session.waitUntilSettled(at: head, within: patience)
                #expect(await session.content == content, "seed \(seed)")
                await session.close()
            }
        }
    }

    @Test func `Edits made while an operation is in flight go out as one`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            try await cluster.onLoop { $0.faults.holdsCommits = true }
            for letter in ["a", "b", "c", "d"] { try await session.insert(letter) }
            try await cluster.onLoop { $0.releaseCommits() }
            try await session.waitUntilSaved(within: patience)
            #expect(await session.version == Version(2))
            #expect(recorder.log.acknowledged == recorder.log.submitted)
            #expect(await session.text == "dcba\n")
            await session.close()
        }
    }

    @Test func `An observer is told every version once and in order`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let watcher = try await cluster.session(document, observer: { recorder })
            let writer = try await cluster.session(document)
            for index in 0..<20 {
                try await writer.insert("\(index)")
                try await writer.waitUntilSaved(within: patience)
            }
            try await watcher.waitUntilSettled(at: Version(20), within: patience)
            #expect(recorder.log.applied == (1...20).map { Version($0) })
            await watcher.close()
            await writer.close()
        }
    }

    @Test func `Presence reaches the others and leaves with its client`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let ann = try await cluster.session(document)
            var options = SessionOptions.quick(2)
            options.user = "bob"
            options.name = "Bob & Söhne"
            let bob = try await cluster.session(document, options)
            let joined = await ann.first { event -> Participant? in
                if case .joined(let participant) = event { participant } else { nil }
            }
            #expect(joined?.profile.name == "Bob & Söhne")
            await bob.setPresence(Presence(cursor: 1))
            let told = await ann.first { event -> Presence? in
                if case .presence(_, let presence) = event { presence } else { nil }
            }
            #expect(told?.cursor == 1)
            await bob.close()
            let left = await ann.first { event -> ClientID? in
                if case .left(let client) = event { client } else { nil }
            }
            #expect(left == joined?.clientID)
            await ann.close()
        }
    }
}
