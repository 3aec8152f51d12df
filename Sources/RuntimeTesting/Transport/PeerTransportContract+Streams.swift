internal import CollabModel
internal import DocumentCore
internal import PeerProtocol
internal import RuntimePorts
internal import Synchronization

extension PeerTransportContract {
    static let streamCases: [Case] = [
        Case(name: "Messages arrive in order, in both directions at once") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (replica, fromOwner, accepted) = try await openStream(environment, service)
            for number in 0..<UInt64(1_000) {
                try require(replica.send(question(number)), "the replica could not send \(number)")
                try require(accepted.stream.send(answer(number)), "the owner could not send \(number)")
            }
            for number in 0..<UInt64(1_000) {
                try requireEqual(try await accepted.events.message(), question(number), "at the owner")
                try requireEqual(try await fromOwner.message(), answer(number), "at the replica")
            }
        },
        Case(name: "What an owner sends while it attaches arrives first") { environment in
            environment.serve(EagerService())
            let events = PeerRecorder<OwnerFrame>()
            _ = try await environment.gateway.open(
                opening(environment), to: environment.ownerAddress, timeout: longTime, handler: events.handler)
            try requireEqual(try await events.message(), answer(1), "the first message")
            try requireEqual(try await events.message(), answer(2), "the second message")
        },
        Case(name: "A thousand streams share a connection and do not mix") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            var streams: [(ReplicaStream, PeerRecorder<OwnerFrame>)] = []
            var owners: [UInt64: RecordingPeerService.Accepted] = [:]
            for number in 0..<UInt64(1_000) {
                let (replica, events, accepted) = try await openStream(environment, service, number)
                streams.append((replica, events))
                owners[accepted.request.hello.document.value.low] = accepted
            }
            for (number, stream) in streams.enumerated() { stream.0.send(question(UInt64(number))) }
            for (number, owner) in owners {
                try requireEqual(try await owner.events.message(), question(number), "stream \(number)")
                owner.stream.send(answer(number))
            }
            for (number, stream) in streams.enumerated() {
                try requireEqual(try await stream.1.message(), answer(UInt64(number)), "stream \(number)")
            }
        },
        Case(name: "What was sent before a close arrives, then the end, and nothing at the one who closed") {
            environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (replica, fromOwner, accepted) = try await openStream(environment, service)
            for number in 0..<UInt64(100) { replica.send(question(number)) }
            replica.close()
            try require(!replica.send(question(100)), "a closed stream took a message")
            for number in 0..<UInt64(100) {
                try requireEqual(try await accepted.events.message(), question(number), "before the end")
            }
            try requireEqual(await accepted.events.end(), .closed, "the end")
            try require(!accepted.stream.send(answer(1)), "an ended stream took a message")

            let (other, atReplica, second) = try await openStream(environment, service)
            second.stream.send(answer(1))
            second.stream.close()
            try requireEqual(try await atReplica.message(), answer(1), "before the end")
            try requireEqual(await atReplica.end(), .closed, "the end")
            try require(!other.send(question(1)), "an ended stream took a message")
            try requireEqual(fromOwner.waiting + second.events.waiting, 0, "events at the ones who closed")
        },
        Case(name: "A document of 10 MB passes, and small messages pass it by") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (_, large, largeOwner) = try await openStream(environment, service, 1)
            let (_, small, smallOwner) = try await openStream(environment, service, 2)
            let document = Self.large(10_000_000, environment.gatewayIdentity)
            try require(largeOwner.stream.send(document), "the document was not taken")
            for number in 0..<UInt64(100) { smallOwner.stream.send(answer(number)) }
            for number in 0..<UInt64(100) { try requireEqual(try await small.message(), answer(number), "beside it") }
            try requireEqual(try await large.message(), document, "the document")
        },
        Case(name: "When a node ends, its streams are closed and calls to it are refused") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            var ends: [PeerRecorder<OwnerFrame>] = []
            for number in 0..<UInt64(10) { ends.append(try await openStream(environment, service, number).1) }
            try await environment.stopOwner()
            for end in ends { try requireEqual(await end.end(), .closed, "the end") }
            let refused = try await failure(environment) {
                try await environment.gateway.probe(environment.ownerAddress, timeout: longTime)
            }
            try requireEqual(refused, .refused, "a call afterwards")
        },
    ]

    static let boundCases: [Case] = [
        Case(name: "A stream that is not read stops its sender at the bound and disturbs no other") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (replica, unread, owner) = try await openStream(environment, service, 1)
            let (_, other, otherOwner) = try await openStream(environment, service, 2)
            replica.pauseReading()
            let message = large(100_000, environment.gatewayIdentity)
            var sent = 0
            // Sixteen megabytes are more than what any wire between the two may hold.
            while sent < environment.boundBytes + 16 << 20, owner.stream.send(message) { sent += 100_000 }
            try require(sent >= environment.boundBytes, "stopped at \(sent) bytes, before the bound")
            try require(sent < environment.boundBytes + 16 << 20, "was not stopped")
            try requireEqual(await owner.events.end(), .overflow, "the sender's end")
            try require(!owner.stream.send(message), "an ended stream took a message")
            otherOwner.stream.send(answer(1))
            try requireEqual(try await other.message(), answer(1), "on the other stream")
            try requireEqual(await unread.end(), .overflow, "the reader's end")
        },
        Case(name: "A paused stream keeps messages and delivers them in order when it is read again") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (_, other, otherOwner) = try await openStream(environment, service, 0)
            // Often, since reading is resumed at about the time when the end arrives.
            for round in 1...UInt64(100) {
                let (replica, events, owner) = try await openStream(environment, service, round)
                owner.stream.send(answer(0))
                try requireEqual(try await events.message(), answer(0), "before the pause")
                replica.pauseReading()
                for number in 1...UInt64(100) { owner.stream.send(answer(number)) }
                // When the other stream's message is here, those of the paused stream are, too.
                otherOwner.stream.send(answer(round))
                try requireEqual(try await other.message(), answer(round), "on the other stream")
                try requireEqual(events.waiting, 0, "delivered during the pause")
                owner.stream.close()
                replica.resumeReading()
                for number in 1...UInt64(100) {
                    try requireEqual(try await events.message(), answer(number), "after it")
                }
                try requireEqual(await events.end(), .closed, "the end")
            }
        },
        Case(name: "One message may be larger than the bound") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (_, events, owner) = try await openStream(environment, service)
            let message = large(environment.boundBytes + 1_000_000, environment.gatewayIdentity)
            try require(owner.stream.send(message), "it was not taken")
            try requireEqual(try await events.message(), message, "the message")
        },
    ]
}

/// Sends before it has returned its handler.
private struct EagerService: PeerService {
    func open(_ request: OpenRequest, from gateway: NodeIdentity) async -> OpenDecision {
        .accepted { stream in
            stream.send(PeerTransportContract.answer(1))
            stream.send(PeerTransportContract.answer(2))
            return { _ in }
        }
    }

    func answer(_ request: PeerRequest, from node: NodeIdentity) async -> PeerResponse { .notOwner }
}
