import CollabModel
import Delta
import Randomness
import SessionProtocol
import Testing

@Suite struct ClientFrameStrictnessTests {
    private func refusal(_ text: String, limits: SessionLimits = SessionLimits()) -> FrameError? {
        do {
            _ = try ClientFrame(decoding: Array(text.utf8), limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "", " ", "{", "null", "[]", "7", "\"ping\"", "{}", #"{"type":7}"#, #"{"type":"pong"}"#, #"{"type":"Ping"}"#,
        #"{"type":"ping"}x"#, #"{"type":"ping",}"#, #"{'type':'ping'}"#, #"{"type":"ping"}{"type":"ping"}"#,
        #"{"type":"cursor","version":1}"#, #"{"type":"cursor","position":1}"#,
        #"{"type":"cursor","version":1.5,"position":1}"#, #"{"type":"cursor","version":"1","position":1}"#,
        #"{"type":"cursor","version":-1,"position":1}"#, #"{"type":"cursor","version":1,"position":-1}"#,
        #"{"type":"cursor","version":1e300,"position":1}"#, #"{"type":"cursor","version":1,"position":1e12}"#,
        #"{"type":"selection","version":1,"range":{"index":1}}"#,
        #"{"type":"selection","version":1,"range":{"index":1,"length":-1}}"#,
        #"{"type":"selection","version":1,"range":[1,2]}"#,
        #"{"type":"operation","version":1,"operation":[]}"#, #"{"type":"operation","operationId":"a","operation":[]}"#,
        #"{"type":"operation","operationId":"a","version":1}"#,
        #"{"type":"operation","operationId":"","version":1,"operation":[]}"#,
        #"{"type":"operation","operationId":7,"version":1,"operation":[]}"#,
        #"{"type":"ping","type":"ping"}"#, #"{"type":"cursor","version":1,"version":2,"position":1}"#,
    ])
    func `what is no message of the protocol is a protocol error`(text: String) {
        #expect(refusal(text)?.code == .protocolError)
    }

    @Test(arguments: [
        #"[{"insert":""}]"#, #"[{"retain":0}]"#, #"[{"retain":-1}]"#, #"[{"delete":0}]"#, #"[{"delete":1.5}]"#,
        #"[{"delete":1e300}]"#, #"[{"retain":99999999999999}]"#, #"[{"insert":"a","delete":1}]"#, #"[{}]"#, #"[7]"#,
        #"{"ops":7}"#, #"{}"#, #"7"#, #"[{"insert":7}]"#, #"[{"insert":"a","attributes":[]}]"#,
        #"[{"delete":1,"attributes":{"bold":true}}]"#, #"[{"insert":"\u0000"}]"#, #"[{"insert":"\ud800"}]"#,
        #"[{"delete":1},{"insert":"a"}]"#,
    ])
    func `an operation that cannot be one is refused under its id`(operation: String) throws {
        let error = try #require(
            refusal(#"{"type":"operation","operationId":"a","version":1,"operation":\#(operation)}"#))
        #expect(error.code == .invalidOperation)
        #expect(error.operationID == OperationID("a"))
    }

    @Test func `a negative version makes an operation invalid`() {
        let error = refusal(#"{"type":"operation","operationId":"a","version":-1,"operation":[{"insert":"x"}]}"#)
        #expect(error?.code == .invalidOperation)
        #expect(error?.operationID == OperationID("a"))
    }

    @Test func `an operation above the limit is too large, whatever it holds`() throws {
        var limits = SessionLimits()
        limits.operationBytes = 30
        let fits = #"[{"insert":"0123456789abc"}]"#
        #expect(fits.utf8.count <= 30)
        #expect(
            refusal(#"{"type":"operation","operationId":"a","version":1,"operation":\#(fits)}"#, limits: limits) == nil)
        let long = #"[{"insert":"0123456789abcdef"}]"#
        let error = try #require(
            refusal(#"{"operation":\#(long),"type":"operation","version":1,"operationId":"a"}"#, limits: limits))
        #expect(error.code == .tooLarge)
        #expect(error.operationID == OperationID("a"))
    }

    @Test func `deep nesting is refused without deep recursion`() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(refusal(deep)?.code == .protocolError)
        #expect(refusal(#"{"type":"ping","x":\#(deep)"#)?.code == .protocolError)
        let nested = String(repeating: #"{"a":"#, count: 100) + "1" + String(repeating: "}", count: 100)
        let error = refusal(
            #"{"type":"operation","operationId":"a","version":1,"operation":[{"insert":"x","attributes":\#(nested)}]}"#)
        #expect(error?.code == .invalidOperation)
    }

    @Test func `fields in any order and unknown fields are accepted`() throws {
        let text =
            #"{"operation":{"ops":[{"insert":"x"}]},"later":{"a":[1,{}]},"operationId":"a","version":3,"type":"operation"}"#
        var delta = Delta()
        delta.insert("x", attributes: [:])
        #expect(
            try ClientFrame(decoding: Array(text.utf8))
                == .operation(OperationID("a")!, base: Version(3), delta, nil))
    }

    @Test func `an unknown type is named, shortened`() throws {
        let error = try #require(refusal(#"{"type":"\#(String(repeating: "x", count: 10_000))"}"#))
        #expect(error.message.utf8.count < 100)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `mutilated messages are read or refused, never more`(seed: UInt64) {
        var frames = RandomFrames(generator: SplitMix64(seed: seed))
        for _ in 0..<100 {
            var bytes = Bool.random(using: &frames.generator) ? frames.client().jsonUTF8 : frames.server().jsonUTF8
            for _ in 0..<Int.random(in: 1...4, using: &frames.generator) {
                let place = Int.random(in: 0..<bytes.count, using: &frames.generator)
                switch Int.random(in: 0..<4, using: &frames.generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &frames.generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &frames.generator), at: place)
                default: bytes = Array(bytes.prefix(max(1, place)))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            if let frame = try? ClientFrame(decoding: bytes) {
                #expect((try? ClientFrame(decoding: frame.jsonUTF8)) == frame, "seed \(seed)")
            }
            if let frame = try? ServerFrame(decoding: bytes) {
                #expect((try? ServerFrame(decoding: frame.jsonUTF8)) == frame, "seed \(seed)")
            }
        }
    }
}
