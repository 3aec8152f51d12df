internal import CollabModel
internal import DocumentCore
internal import PeerProtocol
internal import RuntimePorts

extension PeerTransportContract {
    static let openingCases: [Case] = [
        Case(name: "An opening arrives as it was sent, with who sent it") { environment in
            let service = RecordingPeerService()
            environment.serve(service)
            let (_, _, accepted) = try await openStream(environment, service, 7)
            try requireEqual(accepted.request, opening(environment, 7), "the opening")
            try requireEqual(accepted.gateway, environment.gatewayIdentity, "the gateway")
        },
        Case(name: "A declined opening gives the service's reason") { environment in
            let record = NodeRecord(
                id: environment.gatewayIdentity.node, incarnation: Incarnation(5),
                peerAddress: environment.ownerAddress, publicURL: "http://localhost:1")
            let refusals: [OpenRefusal] = [
                .ownedBy(record, Epoch(4)), .notOwner, .noSuchDocument, .damaged("digest"), .draining,
                .unavailable("no log"),
            ]
            for refusal in refusals {
                environment.serve(RecordingPeerService(decide: { _ in refusal }))
                let result = try await environment.gateway.open(
                    opening(environment), to: environment.ownerAddress, timeout: longTime, handler: { _ in })
                guard case .declined(let reason) = result else {
                    throw Violation(description: "\(refusal) was accepted")
                }
                try requireEqual(reason, refusal, "the reason")
            }
        },
        Case(name: "A request is answered by the service, which knows who asked") { environment in
            let asker = environment.gatewayIdentity
            environment.serve(
                RecordingPeerService(respond: { request, node in
                    request == .drain && node == asker ? .draining : .failed("\(request) of \(node)")
                }))
            let response = try await environment.gateway.request(
                .drain, to: environment.ownerAddress, timeout: longTime)
            try requireEqual(response, .draining, "the response")
        },
        Case(name: "Many requests at once get each its own answer") { environment in
            environment.serve(
                RecordingPeerService(respond: { request, _ in
                    guard case .canYouReach(_, let number) = request else { return .notOwner }
                    return .located(Epoch(Int64(number)), Version(0), sessions: number)
                }))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let response = try await environment.gateway.request(
                            .canYouReach(environment.deadAddress, milliseconds: number), to: environment.ownerAddress,
                            timeout: longTime)
                        try requireEqual(
                            response, .located(Epoch(Int64(number)), Version(0), sessions: number), "the response")
                    }
                }
                try await group.waitForAll()
            }
        },
        Case(name: "A probe of a node that serves succeeds") { environment in
            environment.serve(RecordingPeerService())
            try await environment.gateway.probe(environment.ownerAddress, timeout: longTime)
        },
        Case(name: "Where nobody listens, every call is refused") { environment in
            let refusals = [
                try await failure(environment) {
                    try await environment.gateway.open(
                        opening(environment), to: environment.deadAddress, timeout: longTime, handler: { _ in })
                },
                try await failure(environment) {
                    try await environment.gateway.request(.probe, to: environment.deadAddress, timeout: longTime)
                },
                try await failure(environment) {
                    try await environment.gateway.probe(environment.deadAddress, timeout: longTime)
                },
            ]
            try requireEqual(refusals, [.refused, .refused, .refused], "the failures")
        },
        Case(name: "A call that is not answered in time fails as silent") { environment in
            let never = NeverAnswers()
            environment.serve(never)
            let opened = try await failure(environment) {
                try await environment.gateway.open(
                    opening(environment), to: environment.ownerAddress, timeout: .milliseconds(50), handler: { _ in })
            }
            let answered = try await failure(environment) {
                try await environment.gateway.request(
                    .drain, to: environment.ownerAddress, timeout: .milliseconds(50))
            }
            never.finish()
            try requireEqual([opened, answered], [.silent, .silent], "the failures")
        },
        Case(name: "A cancelled call fails as closed") { environment in
            let never = NeverAnswers()
            environment.serve(never)
            let failure = try await failure(environment) {
                let call = Task {
                    try await environment.gateway.request(.drain, to: environment.ownerAddress, timeout: longTime)
                }
                await never.asked()
                call.cancel()
                return try await call.value
            }
            never.finish()
            try requireEqual(failure, .closed, "the failure")
        },
    ]
}
