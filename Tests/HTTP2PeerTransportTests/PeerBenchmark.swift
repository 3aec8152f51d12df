import CollabModel
import Delta
import DocumentCore
import Foundation
import HTTP2PeerTransport
import NIOPosix
import PeerProtocol
import RuntimePorts
import RuntimeTesting
import Synchronization
import Testing

/// Measures one connection between two transports; prints, and passes or fails by nothing but order.
///
/// `COLLAB_BENCHMARK=peer swift test -c release --filter PeerBenchmark`
@Suite(
    "Peer benchmark", .serialized, .enabled(if: ProcessInfo.processInfo.environment["COLLAB_BENCHMARK"] == "peer"))
struct PeerBenchmark {
    private static let seconds = 4.0

    @Test("Round trips on 50 streams, 100-byte frames", arguments: [false, true], [1, 8])
    func streams(isSecure: Bool, inFlight: Int) async throws {
        try await withPair(isSecure) { gateway, owner in
            owner.transport.setService(EchoService())
            let counters = (0..<50).map { _ in Echo() }
            for (number, echo) in counters.enumerated() {
                let request = OpenRequest(
                    hello: StreamHello(
                        document: DocumentID(Identifier128(high: 0, low: UInt64(number))), gateway: gateway.identity,
                        holds: nil), mayActivate: true, suspicion: nil)
                let result = try await gateway.transport.open(
                    request, to: owner.address, timeout: .seconds(30), handler: echo.handler)
                guard case .opened(let stream) = result else { throw PeerFailure.closed }
                echo.start(stream, inFlight: inFlight)
            }
            func total() -> (Int, [Double]) {
                counters.reduce(into: (0, [])) { result, echo in
                    let (count, times) = echo.take()
                    result.0 += count
                    result.1 += times
                }
            }
            try await Task.sleep(for: .seconds(1))
            _ = total()
            let cpu = Self.processorSeconds()
            let start = ContinuousClock.now
            try await Task.sleep(for: .seconds(Self.seconds))
            let (count, times) = total()
            let elapsed = Self.seconds(since: start)
            let used = Self.processorSeconds() - cpu
            print(
                "streams: TLS \(isSecure), \(inFlight) in flight on each of 50: \(Int(Double(count) / elapsed)) round trips/s, \(Self.percentiles(times)), \(String(format: "%.1f", used / Double(count) * 1e6)) µs CPU for both ends"
            )
            for echo in counters { echo.stop() }
        }
    }

    @Test("A request per message, 64 in flight", arguments: [false, true])
    func requests(isSecure: Bool) async throws {
        try await withPair(isSecure) { gateway, owner in
            owner.transport.setService(RecordingPeerService())
            let start = ContinuousClock.now
            let cpu = Self.processorSeconds()
            let transport = gateway.transport
            let address = owner.address
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        var count = 0
                        while ContinuousClock.now - start < .seconds(Self.seconds) {
                            _ = try await transport.request(
                                .locate(DocumentID(Identifier128(high: 1, low: 1))), to: address, timeout: .seconds(5))
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            let elapsed = Self.seconds(since: start)
            let used = Self.processorSeconds() - cpu
            print(
                "requests: TLS \(isSecure): \(Int(Double(done) / elapsed))/s, \(String(format: "%.1f", used / Double(done) * 1e6)) µs CPU for both ends"
            )
        }
    }

    @Test("A document of 10 MB", arguments: [false, true])
    func document(isSecure: Bool) async throws {
        try await withPair(isSecure) { gateway, owner in
            let service = RecordingPeerService()
            owner.transport.setService(service)
            let events = PeerRecorder<OwnerFrame>()
            let request = OpenRequest(
                hello: StreamHello(
                    document: DocumentID(Identifier128(high: 0, low: 1)), gateway: gateway.identity, holds: nil),
                mayActivate: true, suspicion: nil)
            _ = try await gateway.transport.open(
                request, to: owner.address, timeout: .seconds(30), handler: events.handler)
            let accepted = await service.nextAccepted()
            let frame = OwnerFrame(
                epoch: Epoch(1),
                message: .opened(
                    StreamOpening(
                        epoch: Epoch(1), owner: owner.identity,
                        state: .content(
                            version: Version(1), digest: .init(rawValue: 1),
                            encoded: [UInt8](repeating: 65, count: 10_000_000)), clients: [], isDegraded: false)))
            var times: [Double] = []
            for _ in 0..<20 {
                let start = ContinuousClock.now
                accepted.stream.send(frame)
                _ = try await events.message()
                times.append(Self.seconds(since: start) * 1e3)
            }
            print("10 MB: TLS \(isSecure): \(Self.percentiles(times))")
        }
    }

    // MARK: Parts

    private func withPair(
        _ isSecure: Bool, _ body: (RunningNode, RunningNode) async throws -> Void
    ) async throws {
        let authority = isSecure ? try await TestAuthority() : nil
        defer { authority?.remove() }
        let owner = try await RunningNode("owner") { $0.tls = authority?.tls }
        let gateway = try await RunningNode("gateway") { $0.tls = authority?.tls }
        try await body(gateway, owner)
        await gateway.transport.shutdown()
        await owner.transport.shutdown()
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }

    private static func percentiles(_ times: [Double]) -> String {
        let sorted = times.sorted()
        func at(_ part: Double) -> String {
            String(format: "%.2f", sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))])
        }
        guard !sorted.isEmpty else { return "nothing" }
        return "p50/p99/max \(at(0.5))/\(at(0.99))/\(at(1)) ms"
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Sends each question's answer back, with a reason that makes it 100 bytes.
private struct EchoService: PeerService {
    func open(_ request: OpenRequest, from gateway: NodeIdentity) async -> OpenDecision {
        .accepted { stream in
            let filler = String(repeating: "x", count: 85)
            return { event in
                if case .message(let frame) = event {
                    stream.send(OwnerFrame(epoch: frame.epoch, message: .degraded(filler)))
                }
            }
        }
    }

    func answer(_ request: PeerRequest, from node: NodeIdentity) async -> PeerResponse { .notOwner }
}

/// Keeps a number of messages under way on a stream, and the times that they take.
private final class Echo: Sendable {
    private struct State {
        var stream: ReplicaStream?
        var sent: [ContinuousClock.Instant] = []
        var next = 0
        var count = 0
        var times: [Double] = []
    }

    private let state = Mutex(State())
    private let frame: ReplicaFrame

    init() {
        frame = ReplicaFrame(
            epoch: Epoch(1),
            message: .join(
                JoinRequest(
                    session: SessionToken(1), clientID: ClientID(Identifier128(high: 1, low: 2)),
                    profile: ClientProfile(
                        userID: UserID("user")!, name: String(repeating: "n", count: 50), color: "#ffffff"),
                    permission: .edit, order: nil, number: nil, presence: Presence())))
    }

    var handler: @Sendable (PeerStreamEvent<OwnerFrame>) -> Void {
        { event in
            guard case .message = event else { return }
            let stream = self.state.withLock { state -> ReplicaStream? in
                let now = ContinuousClock.now
                state.count += 1
                state.times.append((now - state.sent[state.next]) / .milliseconds(1))
                state.sent[state.next] = now
                state.next = (state.next + 1) % state.sent.count
                return state.stream
            }
            stream?.send(self.frame)
        }
    }

    func start(_ stream: ReplicaStream, inFlight: Int) {
        state.withLock { state in
            state.stream = stream
            state.sent = Array(repeating: .now, count: inFlight)
        }
        for _ in 0..<inFlight { stream.send(frame) }
    }

    func stop() { state.withLock { $0.stream = nil } }

    func take() -> (Int, [Double]) {
        state.withLock { state in
            defer { (state.count, state.times) = (0, []) }
            return (state.count, state.times)
        }
    }
}
