import CollabModel
import Delta
import JSON
import Randomness
import SessionProtocol
import Testing

@Suite struct FrameRoundTripTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `what a client writes a node reads as the same`(seed: UInt64) throws {
        var frames = RandomFrames(generator: SplitMix64(seed: seed))
        for _ in 0..<200 {
            let frame = frames.client()
            let text = String(decoding: frame.jsonUTF8, as: UTF8.self)
            #expect(try ClientFrame(decoding: frame.jsonUTF8) == frame, "seed \(seed): \(text)")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `what a node writes a client reads as the same`(seed: UInt64) throws {
        var frames = RandomFrames(generator: SplitMix64(seed: seed))
        for _ in 0..<200 {
            let frame = frames.server()
            let text = String(decoding: frame.jsonUTF8, as: UTF8.self)
            #expect(try ServerFrame(decoding: frame.jsonUTF8) == frame, "seed \(seed): \(text)")
        }
    }

    @Test func `messages look as the protocol page has them`() throws {
        let client = try #require(ClientID("00112233-4455-4677-8899-aabbccddeeff"))
        let operationID = try #require(OperationID("c-1"))
        let digest = try #require(Digest("00000001000000ff"))
        #expect(
            text(.ack(operationID, Version(7), digest))
                == #"{"type":"ack","operationId":"c-1","version":7,"digest":"00000001000000ff"}"#)
        #expect(
            text(.cursor(client, Version(7), 3))
                == #"{"type":"cursor","clientId":"00112233-4455-4677-8899-aabbccddeeff","version":7,"position":3}"#)
        #expect(
            text(.error(.invalidOperation, "past the end", operationID))
                == #"{"type":"error","code":"invalid_operation","message":"past the end","operationId":"c-1"}"#)
        var delta = Delta()
        delta.insert("hi", attributes: [:])
        let operation = RemoteOperation(
            clientID: client, userID: try #require(UserID("ann")), version: Version(8), delta: delta)
        let item =
            #""clientId":"00112233-4455-4677-8899-aabbccddeeff","userId":"ann","version":8,"operation":[{"insert":"hi"}]}"#
        #expect(text(.operations([operation])) == #"{"type":"operation","# + item)
        #expect(
            text(.operations([operation, operation])) == #"{"type":"operations","operations":[{"# + item + ",{" + item
                + "]}")
    }

    @Test func `an initial message has every field of the protocol page`() throws {
        var frames = RandomFrames(generator: SplitMix64(seed: 1))
        let opening = ServerFrame.Opening(
            clientID: frames.clientID(), version: .initial, content: frames.document(), clients: [], permission: .edit,
            digest: frames.digest(), limits: SessionLimits(), lastOperationID: nil)
        let value = try JSONValue(utf8: ServerFrame.initial(opening).jsonUTF8)
        let keys = Set(try #require(value.object).entries.map(\.key))
        #expect(
            keys == [
                "type", "clientId", "version", "content", "clients", "permission", "digest", "limits",
                "lastOperationId",
            ])
    }

    @Test func `a client passes over messages of types that it does not know`() throws {
        #expect(try ServerFrame(decoding: Array(#"{"type":"weather","sky":[1,2]}"#.utf8)) == .unknown(type: "weather"))
    }

    private func text(_ frame: ServerFrame) -> String { String(decoding: frame.jsonUTF8, as: UTF8.self) }
}
