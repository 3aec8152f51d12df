import CollabClient
import CollabClientTesting
import CollabModel
import Delta
import Testing

@Suite struct EndingTests {
    @Test(arguments: [CloseCode.unauthorized, .forbidden, .notFound, .replaced, .deleted])
    func `A session that is closed for good stays closed and keeps what it holds`(code: CloseCode) async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let session = try await cluster.session(document)
            try await cluster.onLoop { $0.faults.holdsCommits = true }
            try await session.insert("unsaved")
            let opened = try await cluster.onLoop { $0.openedSessions }
            try await cluster.onLoop { $0.closeAll(code) }
            let ended = await session.first { event -> CloseCode? in
                if case .ended(let code) = event { code } else { nil }
            }
            #expect(ended == code)
            #expect(await session.state == .offline)
            #expect(await session.text == "unsaved\n")
            await #expect(throws: SessionError.ended(code)) { try await session.waitUntilSaved(within: patience) }
            #expect(try await cluster.onLoop { $0.openedSessions } == opened)
            await session.close()
        }
    }

    @Test(arguments: [CloseCode.nodeLeaving, .overloaded, .normal, .protocolAbuse, .tooLarge])
    func `A session that is closed for now comes back`(code: CloseCode) async throws {
        try await withCluster(addresses: 2) { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            try await cluster.onLoop { $0.closeAll(code) }
            try await session.insert("back")
            try await session.waitUntilSaved(within: patience)
            #expect(recorder.log.reconnects == 1)
            await session.close()
        }
    }

    @Test func `The second session of a client replaces the first, which can take the place back`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let first = try await cluster.session(document)
            var options = SessionOptions.quick(2)
            options.clientID = await first.clientID
            let second = try await cluster.session(document, options)
            let ended = await first.first { event -> CloseCode? in
                if case .ended(let code) = event { code } else { nil }
            }
            #expect(ended == .replaced)
            #expect(await second.clientID == options.clientID)
            await second.close()
            await first.reconnect()
            try await first.insert("again")
            try await first.waitUntilSaved(within: patience)
            await first.close()
        }
    }

    @Test func `A document that does not exist is said so`() async throws {
        try await withCluster { cluster in
            var generator = SystemRandomNumberGenerator()
            let document = DocumentID(.random(using: &generator))
            let recorder = Recorder()
            await #expect(throws: SessionError.ended(.notFound)) {
                _ = try await cluster.session(document, observer: { recorder })
            }
            #expect(!recorder.log.losses.contains { $0.hasPrefix("no first message") }, "\(recorder.log.losses)")
        }
    }

    @Test func `An edit that does not fit is refused and changes nothing`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let session = try await cluster.session(document)
            var change = Delta()
            change.delete(100)
            await #expect(throws: SessionError.self) { try await session.edit(change) }
            #expect(await session.text == "\n")
            #expect(await session.state == .saved)
            await session.close()
        }
    }

    @Test func `A viewer's edit is refused`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            var options = SessionOptions.quick()
            options.user = "viewer"
            let session = try await cluster.session(document, options)
            let user = try #require(UserID("viewer"))
            try await cluster.onLoop { $0.permit(.view, to: user, on: document) }
            let permission = await session.first { event -> Permission? in
                if case .permission(.view) = event { .view } else { nil }
            }
            #expect(permission == .view)
            await #expect(throws: SessionError.forbidden) { try await session.insert("x") }
            await session.close()
        }
    }

    @Test func `The state goes from saved over saving to saved, and offline while there is no connection`() async throws
    {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            try await session.insert("x")
            try await session.waitUntilSaved(within: patience)
            #expect(recorder.log.states == [.offline, .saved, .saving, .saved])
            try await cluster.onLoop { $0.cutAll() }
            await session.lost()
            try await session.insert("y")
            try await session.waitUntilSaved(within: patience)
            #expect(recorder.log.states.suffix(2) == [.saving, .saved])
            await session.close()
        }
    }

    @Test func `A reader who is too slow is told how much he missed`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            var options = SessionOptions.quick()
            options.bufferedEvents = 4
            let session = try await cluster.session(document, options)
            for index in 0..<20 {
                try await session.insert("\(index)")
                try await session.waitUntilSaved(within: patience)
            }
            var iterator = session.events.makeAsyncIterator()
            for _ in 0..<4 { _ = await iterator.next() }
            try await session.insert("last")
            guard case .missed(let count) = await iterator.next() else {
                Issue.record("nothing is said of what was left out")
                return
            }
            #expect(count > 20)
            await session.close()
        }
    }

    @Test(arguments: ["", "localhost:1", "ftp://x", "ws://", "ws://host:0", "ws://host:99999", "ws://user@host"])
    func `What is no URL of a node is refused`(url: String) async throws {
        var generator = SystemRandomNumberGenerator()
        let document = DocumentID(.random(using: &generator))
        try await withCluster { cluster in
            await #expect(throws: SessionError.invalidURL(url)) {
                _ = try await CollabSession.start(document: document, at: [url], on: cluster.eventLoop)
            }
        }
    }
}
