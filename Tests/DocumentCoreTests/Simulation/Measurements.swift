import CollabModel
import Delta
import DocumentCore
import Foundation
import JSON
import Testing

/// Figures, not promises: run in a release build with `COLLAB_MEASURE=1`. Nothing here passes or fails on a time.
@Suite(
    "Measurements", .serialized, .enabled(if: ProcessInfo.processInfo.environment["COLLAB_MEASURE"] != nil))
struct Measurements {
    private func measure(_ name: String, _ count: Int, _ work: () -> Void) {
        let start = ContinuousClock.now
        work()
        let elapsed = ContinuousClock.now - start
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        print("MEASURE \(name): \(Int(Double(count) / seconds))/s, \(Int(seconds * 1e9) / count) ns each")
    }

    /// An owner with `clients` clients that have each had one operation made durable, in a document of `length`.
    private func warmOwner(clients: Int, length: Int) throws -> (OwnerFixture, [ConnectionNumber]) {
        var content = Delta()
        for index in 0..<max(1, length / 25) {
            content.insert(
                String(repeating: "x", count: 25), attributes: index.isMultiple(of: 2) ? ["bold": true] : .none)
        }
        content.insert("\n")
        var owner = OwnerFixture(content: try DocumentContent(content))
        for stream in 1...3 { owner.open(stream) }
        var numbers: [ConnectionNumber] = []
        for client in 0..<clients {
            numbers.append(try owner.joined(client, on: client % 3 + 1))
            owner.submitNew(
                client, "first", base: owner.machine.committedVersion.value, .inserting("x"), on: client % 3 + 1,
                numbers[client])
            owner.appended(owner.machine.headVersion.value)
        }
        return (owner, numbers)
    }

    @Test("Submissions at the head, one per turn and one append each")
    func atTheHead() throws {
        for length in [1_000, 1_000_000] {
            var (owner, numbers) = try warmOwner(clients: 50, length: length)
            let count = 200_000
            measure("owner, base == head, one per turn, \(length) units", count) {
                for index in 0..<count {
                    let client = index % 50
                    owner.turn(
                        .appended(through: owner.machine.headVersion),
                        .message(
                            StreamID(UInt64(client % 3 + 1)),
                            owner.submission(
                                client, "o\(index)", base: owner.machine.headVersion.value,
                                .inserting("x", at: index * 7919 % length), numbers[client])))
                }
                #expect(owner.machine.headVersion.value == Int64(count + 50))
            }
        }
    }

    @Test("Fifty submissions per turn, all based on the committed version")
    func concurrent() throws {
        for clients in [50, 200] {
            var (owner, numbers) = try warmOwner(clients: clients, length: 50_000)
            let turns = 50_000 / clients
            measure(
                "owner, \(clients) per turn on one base (\(clients / 2) concurrent on average)", turns * clients
            ) {
                for turn in 0..<turns {
                    var inputs: [OwnerInput] = [.appended(through: owner.machine.headVersion)]
                    let base = owner.machine.headVersion.value
                    for client in 0..<clients {
                        inputs.append(
                            .message(
                                StreamID(UInt64(client % 3 + 1)),
                                owner.submission(
                                    client, "o\(turn)", base: base,
                                    .inserting("x", at: (turn * 31 + client * 997) % 50_000), numbers[client])))
                    }
                    let actions = owner.machine.handle(batch: inputs, now: 0, wallMicroseconds: 0)
                    #expect(!actions.isEmpty)
                }
            }
        }
    }

    @Test("Commits to a replica with many sessions")
    func fanOut() throws {
        for sessions in [10, 1_000] {
            var replica = ReplicaFixture()
            replica.open()
            for session in 1...sessions { replica.attach(session, client: session) }
            let count = 50_000
            var batches: [CommitBatch] = []
            for index in 0..<count {
                let row = try replica.write(5_000, "o\(index)", .inserting("x", at: index % 100))
                batches.append(CommitBatch(operations: [row], committedAtMicroseconds: 0))
            }
            let epoch = replica.epoch
            measure("replica, batch of one for \(sessions) sessions without own operations", count) {
                for batch in batches {
                    let actions = replica.machine.handle(.message(epoch, .commits(batch)), now: 0)
                    #expect(actions.count == 1)
                }
            }
        }
    }

    @Test("Operations of others at a client with something pending")
    func client() throws {
        for verifies in [false, true] {
            var configuration = ClientConfiguration()
            configuration.verifiesEveryAck = verifies
            var client = ClientFixture.live(String(repeating: "x", count: 50_000) + "\n", configuration)
            try client.edit(.inserting("mine", at: 100))
            let count = 100_000
            measure("client, operation of another over one pending, verifying \(verifies)", count) {
                for version in 1...count {
                    client.say(.operations([client.remote(Int64(version), .inserting("x", at: version % 50_000))]))
                }
            }
            #expect(client.machine.version.value == Int64(count))
        }
    }
}
