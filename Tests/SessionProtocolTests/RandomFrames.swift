import CollabModel
import Delta
import JSON
import Randomness
import SessionProtocol

/// Random messages of both sides, of every type.
struct RandomFrames {
    var generator: SplitMix64

    mutating func client() -> ClientFrame {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let presence = Bool.random(using: &generator) ? Presence(cursor: position(), selection: selection()) : nil
            let isPresent = presence?.cursor != nil || presence?.selection != nil
            return .operation(
                operationID(), base: version(), operation(), isPresent ? presence : nil,
                optional {
                    TraceContext(
                        traceID: Identifier128(high: $0.generator.next(), low: 1), spanID: $0.generator.next() | 1,
                        flags: 1)
                })
        case 1: return .cursor(version(), position())
        case 2: return .selection(version(), selection())
        case 3: return .resync
        default: return .ping
        }
    }

    mutating func server() -> ServerFrame {
        switch Int.random(in: 0..<15, using: &generator) {
        case 0:
            return .initial(
                ServerFrame.Opening(
                    clientID: clientID(), version: version(), content: document(), clients: clients(),
                    permission: permission(), digest: digest(), limits: limits(),
                    lastOperationID: optional { $0.operationID() }))
        case 1:
            return .catchUp(
                ServerFrame.CatchUp(
                    clientID: clientID(), version: version(), operations: operations(withIDs: true), clients: clients(),
                    permission: permission(), digest: digest(), head: version(), limits: limits()))
        case 2: return .ack(operationID(), version(), digest())
        case 3: return .operations(operations(withIDs: false))
        case 4: return .cursor(clientID(), version(), position())
        case 5: return .selection(clientID(), version(), selection())
        case 6: return .clientJoined(ClientDescription(clientID: clientID(), profile: profile()))
        case 7: return .clientLeft(ClientDescription(clientID: clientID(), profile: profile()))
        case 8:
            var resync = ServerFrame.Resync(
                version: version(), content: document(), digest: digest(), reason: text(),
                lastOperationID: optional { $0.operationID() }, rejected: optional { $0.operationID() })
            if Bool.random(using: &generator) {
                resync.clientID = clientID()
                resync.clients = clients()
                resync.permission = permission()
                resync.limits = limits()
            }
            return .resync(resync)
        case 9: return .permission(permission())
        case 10: return .comment(event: text(), .object(["id": .string(text())]))
        case 11: return .degraded(text())
        case 12: return .restored(text())
        case 13: return .error(code(), text(), optional { $0.operationID() })
        default: return .pong
        }
    }

    mutating func operation() -> Delta {
        var delta = Delta()
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            delta.insert(text(), attributes: [:])
            delta.retain(Int.random(in: 1...1_000, using: &generator), attributes: [:])
        }
        return delta
    }

    mutating func document() -> Delta {
        var delta = Delta()
        delta.insert(text() + "\n", attributes: [:])
        return delta
    }

    private mutating func operations(withIDs: Bool) -> [RemoteOperation] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            RemoteOperation(
                clientID: clientID(), userID: userID(), version: version(), delta: operation(),
                operationID: withIDs ? operationID() : nil)
        }
    }

    private mutating func clients() -> [ClientDescription] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            ClientDescription(
                clientID: clientID(), profile: profile(), presence: Presence(cursor: position(), selection: selection())
            )
        }
    }

    private mutating func optional<Value>(_ make: (inout RandomFrames) -> Value) -> Value? {
        Bool.random(using: &generator) ? make(&self) : nil
    }

    mutating func clientID() -> ClientID { ClientID(.random(using: &generator)) }
    mutating func operationID() -> OperationID { OperationID(text()) ?? OperationID("id")! }
    mutating func userID() -> UserID { UserID(text()) ?? UserID("user")! }
    mutating func version() -> Version { Version(Int64.random(in: 0...9_007_199_254_740_991, using: &generator)) }
    mutating func digest() -> Digest { Digest(String(format(generator.next() & 0x7FFF_FFFE_7FFF_FFFE)))! }
    private mutating func profile() -> ClientProfile { ClientProfile(userID: userID(), name: text(), color: "#0a0b0c") }
    private mutating func permission() -> Permission { Permission.allCases.randomElement(using: &generator)! }
    private mutating func code() -> ErrorCode { ErrorCode.allCases.randomElement(using: &generator)! }
    private mutating func position() -> Int? { optional { Int.random(in: 0...100_000, using: &$0.generator) } }

    private mutating func selection() -> SelectionRange? {
        optional {
            SelectionRange(
                index: Int.random(in: 0...100_000, using: &$0.generator),
                length: Int.random(in: 0...100, using: &$0.generator))
        }
    }

    private mutating func limits() -> SessionLimits {
        var limits = SessionLimits()
        limits.frameBytes = Int.random(in: 1...1_000_000, using: &generator)
        limits.operationsPerSecond = Int.random(in: 1...1_000, using: &generator)
        return limits
    }

    private mutating func text() -> String {
        let alphabet = Array("abc \"\\/\u{8}\n\té€😀\u{2028}{}[]:,")
        return String(
            (0..<Int.random(in: 1...12, using: &generator)).map { _ in alphabet.randomElement(using: &generator)! })
    }

    private func format(_ word: UInt64) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
