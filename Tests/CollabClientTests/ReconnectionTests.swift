import CollabClient
import CollabClientTesting
import CollabModel
import Delta
import Testing

@Suite struct ReconnectionTests {
    @Test func `A session whose connection is cut resumes as the same client`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            let other = try await cluster.session(document)
            let client = await session.clientID
            try await session.insert("a")
            try await session.waitUntilSaved(within: patience)
            try await other.waitUntilSettled(at: Version(1), within: patience)
            try await cluster.onLoop { $0.cutAll() }
            try await other.insert("b")
            try await other.waitUntilSaved(within: patience)
            try await session.waitUntilSettled(at: Version(2), within: patience)
            #expect(await session.clientID == client)
            #expect(await session.text == "ba\n")
            #expect(recorder.log.reconnects == 1)
            await session.close()
            await other.close()
        }
    }

    @Test func `An operation whose ack was cut off is applied once`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            try await cluster.onLoop { $0.faults.cutsInsteadOfAck = 1 }
            try await session.insert("once")
            try await session.waitUntilSaved(within: patience)
            #expect(await session.text == "once\n")
            #expect(recorder.log.acknowledged == recorder.log.submitted)
            let log = try await cluster.onLoop { $0.log(of: document).map(\.2) }
            #expect(log == recorder.log.submitted)
            await session.close()
        }
    }

    @Test func `An operation that was in flight when its connection was cut goes out again under the same id`()
        async throws
    {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            try await cluster.onLoop { $0.faults.holdsCommits = true }
            try await session.insert("held")
            try await cluster.onLoop { $0.cutAll() }
            try await session.insert("more")
            try await cluster.onLoop { $0.releaseCommits() }
            try await session.waitUntilSaved(within: patience)
            #expect(await session.text == "moreheld\n")
            let log = try await cluster.onLoop { $0.log(of: document).map(\.2) }
            #expect(log == recorder.log.submitted)
            #expect(log.count == 2)
            await session.close()
        }
    }

    @Test func `Edits made while nothing can be reached are kept and sent later`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            try await cluster.kill(0)
            await session.lost()
            try await session.insert("offline")
            #expect(await session.state == .offline)
            #expect(await session.text == "offline\n")
            try await cluster.revive(0)
            try await session.waitUntilSaved(within: patience)
            let (_, content) = try #require(try await cluster.onLoop { $0.content(of: document) })
            #expect(content.text == "offline\n")
            await session.close()
        }
    }

    @Test func `A session goes to another node when its own is killed`() async throws {
        try await withCluster(addresses: 3) { cluster in
            let document = try await cluster.create()
            let recorder = Recorder()
            let session = try await cluster.session(document, observer: { recorder })
            let urls = try await cluster.urls
            #expect(recorder.log.connections == [urls[0]])
            try await cluster.kill(1)
            try await cluster.kill(0)
            try await session.insert("x")
            try await session.waitUntilSaved(within: patience)
            #expect(recorder.log.connections == [urls[0], urls[2]])
            await session.close()
        }
    }

    @Test func `A node that takes a connection and says nothing is left for another`() async throws {
        try await withCluster { silent in
            try await silent.onLoop { $0.faults.isSilent = true }
            try await withCluster { cluster in
                let document = try await cluster.create()
                var options = SessionOptions.quick()
                options.openMilliseconds = 100
                let urls = try await silent.urls + cluster.urls
                let session = try await CollabSession.open(
                    document: document, at: urls, options: options, on: cluster.eventLoop, within: patience)
                #expect(await session.content != nil)
                await session.close()
            }
        }
    }

    @Test func `A node that cuts the connection during its upgrade is left for another at once`() async throws {
        try await withCluster { bad in
            try await bad.onLoop { $0.faults.cutsAtOnce = true }
            try await withCluster { cluster in
                let document = try await cluster.create()
                let recorder = Recorder()
                let session = try await CollabSession.open(
                    document: document, at: try await bad.urls + cluster.urls, options: .quick(),
                    on: cluster.eventLoop, within: patience, observer: { recorder })
                #expect(!recorder.log.losses.contains { $0.hasPrefix("no first message") })
                await session.close()
            }
        }
    }

    @Test func `A connection that falls silent counts as lost`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            var options = SessionOptions.quick()
            options.silenceMilliseconds = 150
            options.pingMilliseconds = 50
            options.openMilliseconds = 100
            let recorder = Recorder()
            let session = try await cluster.session(document, options, observer: { recorder })
            try await cluster.onLoop { $0.faults.isSilent = true }
            try await session.insert("unheard")
            await session.lost()
            try await cluster.onLoop { $0.faults.isSilent = false }
            try await session.waitUntilSaved(within: patience)
            #expect(recorder.log.reconnects >= 1)
            #expect(try await cluster.onLoop { $0.log(of: document).count } == 1)
            await session.close()
        }
    }

    @Test func `An operation without an ack is sent again on the same connection`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            var options = SessionOptions.quick()
            options.resendMilliseconds = 30
            let recorder = Recorder()
            let session = try await cluster.session(document, options, observer: { recorder })
            try await cluster.onLoop { $0.faults.holdsCommits = true }
            try await session.insert("again")
            // The deadline of a wait that cannot succeed gives the resend its time.
            await #expect(throws: SessionError.timedOut) {
                try await session.waitUntilSaved(within: .milliseconds(100))
            }
            try await cluster.onLoop { $0.releaseCommits() }
            try await session.waitUntilSaved(within: patience)
            #expect(Set(recorder.log.resent) == Set(recorder.log.submitted))
            #expect(try await cluster.onLoop { $0.log(of: document).count } == 1)
            await session.close()
        }
    }

    @Test func `A server that has lost versions is answered by a resync, and no edit is discarded`() async throws {
        try await withCluster { cluster in
            let document = try await cluster.create()
            let session = try await cluster.session(document)
            for letter in ["a", "b", "c"] {
                try await session.insert(letter)
                try await session.waitUntilSaved(within: patience)
            }
            try await cluster.onLoop { try $0.forget(last: 1, of: document) }
            try await session.insert("d")
            try await session.waitUntilSaved(within: patience)
            let (head, content) = try #require(try await cluster.onLoop { $0.content(of: document) })
            try await session.waitUntilSettled(at: head, within: patience)
            #expect(await session.content == content)
            #expect(content.text.contains("d"))
            await session.close()
        }
    }
}
