import CollabModel
import Delta
import Dispatch
import DocumentCore
import Foundation
import JSON
import RuntimePorts
import SessionProtocol
import Synchronization
import Testing
import WebSocketGateway

/// Figures for a person, on request: `COLLAB_MEASURE=1 swift test -c release --filter GatewayMeasurements`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["COLLAB_MEASURE"] != nil))
struct GatewayMeasurements {
    private static let operation =
        #"{"type":"operation","operationId":"client-00001","version":12345,"operation":[{"retain":1200},{"insert":"hello"}]}"#

    @Test func `decoding an operation and encoding an operations frame`() throws {
        let bytes = Array(Self.operation.utf8)
        let count = 200_000
        var start = ContinuousClock.now
        var kept = 0
        for _ in 0..<count {
            if case .operation(_, _, let delta, _, _) = try ClientFrame(decoding: bytes) { kept += delta.ops.count }
        }
        report("decode an operation frame of \(bytes.count) bytes", start, count)
        let operations = (1...10).map { committed(Int64($0), ClientID(Identifier128(high: 1, low: 2)), "id", "hello") }
        start = ContinuousClock.now
        for _ in 0..<count / 10 {
            let batch = SharedCommitBatch(CommitBatch(operations: operations, committedAtMicroseconds: 0))
            kept += batch.encoded { Self.items($0.operations) }.count
        }
        report("encode an operation into an operations frame (10 in each)", start, count)
        #expect(kept > 0)
    }

    @Test func `memory of 2,000 idle sessions`() async throws {
        Resources.allowManyDescriptors()
        let host = FakeSessionHost(onAttach: { session in
            guard let state = try? session.state("hello\n") else { return }
            session.outbox.send(.initial(state))
        })
        try await withEdge(host: host) { edge in
            let port = edge.port
            func open(_ count: Int) async -> [BlockingWebSocket] {
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async {
                        var buffer = [UInt8](repeating: 0, count: 4_096)
                        var sockets: [BlockingWebSocket] = []
                        for _ in 0..<count {
                            guard let socket = BlockingWebSocket(port: port, target: "/doc/\(TestEdge.document)") else {
                                break
                            }
                            _ = socket.read(into: &buffer)
                            sockets.append(socket)
                        }
                        continuation.resume(returning: sockets)
                    }
                }
            }
            let warm = await open(200)
            let before = Resources.residentBytes
            let sockets = await open(1_800)
            let after = Resources.residentBytes
            #expect(sockets.count == 1_800)
            print(
                "idle sessions: \((after - before) / 1_800) bytes each (\(before >> 20) MiB before, \(after >> 20) after)"
            )
            for socket in warm + sockets { socket.end() }
        }
    }

    @Test func `operations acknowledged to 50 clients, one in flight each`() async throws {
        let host = FakeSessionHost(onAttach: { session in
            guard let state = try? session.state("hello\n") else { return }
            session.outbox.send(.initial(state))
            session.answer.withLock { answer in
                answer = { call in
                    guard case .submit(let id, let base, _, _) = call else { return }
                    session.outbox.send(.commits([committed(base.value + 1, session.request.clientID, id.text)]))
                }
            }
        })
        var configuration = TestEdge.configuration
        configuration.limits.operationsPerSecond = 1_000_000
        configuration.messagesPerSecond = 1_000_000
        try await withEdge(configuration, host: host) { edge in
            let port = edge.port
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                DispatchQueue.global().async {
                    let frame = RawWebSocket.frame(opcode: 1, Array(Self.operation.utf8))
                    var buffer = [UInt8](repeating: 0, count: 4_096)
                    let sockets = (0..<50).compactMap { _ in
                        BlockingWebSocket(port: port, target: "/doc/\(TestEdge.document)")
                    }
                    for socket in sockets { _ = socket.read(into: &buffer) }
                    let rounds = 2_000
                    let (all, own) = (
                        Resources.processorSeconds(thread: false), Resources.processorSeconds(thread: true)
                    )
                    let start = ContinuousClock.now
                    for _ in 0..<rounds {
                        for socket in sockets { socket.write(frame) }
                        for socket in sockets { _ = socket.read(into: &buffer) }
                    }
                    let count = Double(rounds * sockets.count)
                    let seconds =
                        Double((ContinuousClock.now - start).components.attoseconds) * 1e-18
                        + Double((ContinuousClock.now - start).components.seconds)
                    let server =
                        Resources.processorSeconds(thread: false) - all
                        - (Resources.processorSeconds(thread: true) - own)
                    print(
                        "operation to ack: \(Int(count / seconds)) a second, \(server / count * 1e6) µs of the server's processor time each"
                    )
                    for socket in sockets { socket.end() }
                    continuation.resume()
                }
            }
        }
    }

    private static func items(_ operations: [CommittedOperation]) -> [UInt8] {
        var writer = JSONWriter(capacity: 200 * operations.count)
        for operation in operations {
            ServerFrameEncoding.operationItem(
                operation.clientID, operation.userID, operation.version, encoded: operation.encodedDelta, to: &writer)
        }
        return writer.bytes
    }

    private func report(_ what: String, _ start: ContinuousClock.Instant, _ count: Int) {
        let time = ContinuousClock.now - start
        print("\(what): \(time / count)")
    }
}
