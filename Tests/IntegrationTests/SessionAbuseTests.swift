import CollabModel
import Delta
import LocalCluster
import NIOCore
import SessionProtocol
import Testing

extension IntegrationTests {
    @Suite("What no client should send", .sharedCluster, .timeLimit(.minutes(5)))
    struct SessionAbuseTests {
        @Test(
            "G10: a message that is none is answered with protocol_error and the session goes on",
            arguments: [
                "", "{", "[]", "null", #"{"type":"#, #"{"type":"fly"}"#, #"{"type":7}"#, #"{"version":1}"#,
                #"{"type":"ping","type":"ping"}"#, #"{"type":"operation","version":1,"operation":[]}"#,
                #"{"type":"cursor","version":-1,"position":0}"#,
            ])
        func malformed(message: String) async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                try await place.abuser.send(message)
                #expect(try await place.abuser.error() == .protocolError)
                try await place.abuser.ping()
            }
        }

        @Test("G10: whoever sends nothing but nonsense is closed with 1008")
        func nonsense() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                for _ in 0..<20 { place.abuser.writeRegardless(RawFrame.encode(opcode: 1, Array("nonsense".utf8))) }
                try await place.abuser.expectClose(.protocolAbuse)
            }
        }

        @Test("G4: an operation based on a version that does not exist is refused")
        func wrongVersions() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                let insert = #"[{"insert":"x"}]"#
                try await place.expectRefusal("future", at: place.version.next, insert)
                try await place.expectRefusal("far", at: Version(9_007_199_254_740_991), insert)
                try await place.expectRefusal("negative", at: Version(-1), insert)
            }
        }

        @Test("G7: an operation based on a version that is gone from the window is transformed over the log")
        func versionBelowWindow() async throws {
            // Ten large inserts push the first versions out of the window, which holds 4 MiB.
            try await Neighbourhood.disturb(on: SharedCluster.current, accepted: 12) { place in
                let text = String(repeating: "0123456789abcdef", count: 25_000)
                var version = place.version
                for number in 0..<11 {
                    try await place.abuser.submit("big\(number)", at: version, #"[{"insert":"\#(text)"}]"#)
                    version = try await place.abuser.ack(of: "big\(number)", within: .seconds(20)).version
                }
                let (late, opening) = try await RawSession.open(place.document, at: place.nodes[2], query: "user=late")
                let end = place.content.length - 1
                try await late.submit("late", at: place.version, #"[{"retain":\#(end)},{"insert":"late"}]"#)
                let (acked, _) = try await late.ack(of: "late", within: .seconds(20))
                #expect(acked == version.next)
                let log = try await DocumentLog.read(place.document, of: place.cluster)
                log.check([.init(client: opening.clientID, operationID: "late", version: acked)])
                #expect(log.content.text.hasSuffix("hello 👋 worldlate\n"))
                await late.abort()
            }
        }

        @Test("G10: an operation that does not fit the document is refused, named, and changes nothing")
        func invalidOperations() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                let length = place.content.length
                let wave = length - 1 - " world".utf16.count - 1
                let refused = [
                    #"[{"retain":\#(length + 1)},{"insert":"x"}]"#, #"[{"delete":\#(length + 1)}]"#,
                    #"[{"retain":\#(wave)},{"insert":"x"}]"#, #"[{"retain":\#(wave)},{"delete":1}]"#,
                    #"[{"retain":\#(wave - 1)},{"delete":1}]"#, #"[{"retain":0}]"#, #"[{"insert":""}]"#,
                    #"[{"delete":-1}]"#, #"[{"delete":1.5}]"#, #"[{"retain":9007199254740991},{"insert":"x"}]"#,
                    #"[{"delete":9007199254740993}]"#, #"[{"retain":9e18},{"insert":"x"}]"#,
                    #"[{"retain":4611686018427387904},{"retain":4611686018427387904},{"insert":"x"}]"#,
                    #"[{"insert":"\u0000"}]"#, #"[{"insert":"\ud83d"}]"#, #"[{"fly":1}]"#, #"[{"insert":1}]"#,
                    #"{"ops":7}"#, #"[{"insert":"x","attributes":{"a":"\u0000"}}]"#,
                    #"[{"retain":1,"attributes":{"\u0000":true}}]"#, #"[{"insert":{"image":"\u0000"}}]"#,
                ]
                for (number, ops) in refused.enumerated() {
                    // A session is allowed a few of these in a while, and resyncs in a second: each has its own.
                    let (session, _) = try await RawSession.open(place.document, at: place.nodes[number % 3])
                    try await session.submit("bad\(number)", at: place.version, ops)
                    let resync = try await session.resync()
                    #expect(resync.rejected?.text == "bad\(number)", "\(ops): \(resync.reason)")
                    #expect(resync.version == place.version && resync.digest == place.content.digest)
                    await session.abort()
                }
            }
        }

        @Test("G10: a message of 10 MB is closed with 1009")
        func hugeFrame() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                let text = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
                place.abuser.writeRegardless(RawFrame.encode(opcode: 1, text))
                try await place.abuser.expectClose(.tooLarge)
            }
        }

        @Test("G10: an operation with a million attributes is closed with 1009")
        func millionAttributes() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                var ops = #"[{"insert":"x","attributes":{"#
                for number in 0..<1_000_000 { ops += "\"\(number)\":1," }
                ops += #""z":1}}]"#
                let message = RawSession.operation("huge", at: place.version, ops)
                place.abuser.writeRegardless(RawFrame.encode(opcode: 1, Array(message.utf8)))
                try await place.abuser.expectClose(.tooLarge)
            }
        }

        @Test("an operation above the limit within a frame below it is refused with too_large")
        func largeOperation() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                let text = String(repeating: "x", count: 600_000)
                try await place.abuser.submit("large", at: place.version, #"[{"insert":"\#(text)"}]"#)
                #expect(try await place.abuser.error() == .tooLarge)
                #expect(try await place.abuser.resync().rejected?.text == "large")
            }
        }

        @Test("G10: as many attributes as an operation holds cost their sender, not his neighbours")
        func manyAttributes() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current, accepted: 1) { place in
                var ops = #"[{"insert":"x","attributes":{"#
                for number in 0..<40_000 { ops += #""a\#(number)":1,"# }
                ops += #""z":1}}]"#
                try await place.abuser.submit("many", at: place.version, ops)
                #expect(try await place.abuser.ack(of: "many").version == place.version.next)
            }
        }

        @Test("deep nesting is refused, outside an operation and inside one")
        func deepJSON() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                let deep = String(repeating: "[", count: 100_000)
                try await place.abuser.send(#"{"type":"ping","x":\#(deep)"#)
                #expect(try await place.abuser.error() == .protocolError)
                let nested = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
                try await place.expectRefusal("deep", #"[{"insert":"x","attributes":{"a":\#(nested)}}]"#)
            }
        }

        @Test(
            "a binary frame, an unmasked one and a continuation of nothing are closed with 1008",
            arguments: [
                RawFrame.encode(opcode: 2, [1, 2, 3]), RawFrame.encode(opcode: 1, isMasked: false, Array("{}".utf8)),
                RawFrame.encode(opcode: 0, Array("{}".utf8)),
            ])
        func forbiddenFrames(frame: [UInt8]) async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                place.abuser.writeRegardless(frame)
                try await place.abuser.expectClose(.protocolAbuse)
            }
        }

        @Test(
            "G10: a connection that answers no ping, and one that reads nothing, ends by itself; presence goes with it")
        func deadConnections() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                let (witness, _) = try await RawSession.open(place.document, at: place.nodes[2], query: "user=witness")
                let (deaf, deafOpening) = try await RawSession.open(place.document, at: place.nodes[0])
                try await deaf.answerPings(false)
                let (stuck, stuckOpening) = try await RawSession.open(place.document, at: place.nodes[1])
                try await stuck.setReading(false)
                _ = try await deaf.closeCode(within: .seconds(45))
                var missing = Set([deafOpening.clientID, stuckOpening.clientID])
                while !missing.isEmpty {
                    missing.remove(
                        try await witness.next("a client that left", within: .seconds(30)) { frame in
                            if case .clientLeft(let client) = frame { client.clientID } else { nil }
                        })
                }
                await stuck.abort()
                await witness.abort()
            }
        }

        @Test("G10: a connection whose client has closed its half is ended at once")
        func halfClosed() async throws {
            try await Neighbourhood.disturb(on: SharedCluster.current) { place in
                try await place.abuser.finishSending()
                _ = try await place.abuser.closeCode(within: .seconds(10))
            }
        }
    }
}
