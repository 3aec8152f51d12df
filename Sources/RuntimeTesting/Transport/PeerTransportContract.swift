package import CollabModel
package import RuntimePorts

/// What every ``RuntimePorts/PeerTransport`` promises, as cases that a test target runs on each implementation.
///
/// It knows nothing of a testing library: a case throws ``Violation`` when the promise is broken. No case waits for
/// time; each waits for what must come.
package struct PeerTransportContract: Sendable {
    /// Two nodes, and what the cases do to them beside the port.
    package struct Environment: Sendable {
        package var gateway: any PeerTransport
        package var gatewayIdentity: NodeIdentity
        package var owner: any PeerTransport
        package var ownerAddress: PeerAddress
        /// An address where nobody listens.
        package var deadAddress: PeerAddress
        /// Sets what answers at the owner's node.
        package var serve: @Sendable (any PeerService) -> Void
        /// Ends the owner's node; returns when nobody listens there.
        package var stopOwner: @Sendable () async throws -> Void
        /// Lets a little of the transport's time pass; `nil` where time passes by itself.
        package var letTimePass: (@Sendable () async -> Void)?
        /// How much a stream may have waiting to be sent, in bytes.
        package var boundBytes: Int

        /// Describes the surroundings of a case.
        package init(
            gateway: any PeerTransport, gatewayIdentity: NodeIdentity, owner: any PeerTransport,
            ownerAddress: PeerAddress, deadAddress: PeerAddress, boundBytes: Int,
            letTimePass: (@Sendable () async -> Void)? = nil,
            serve: @escaping @Sendable (any PeerService) -> Void, stopOwner: @escaping @Sendable () async throws -> Void
        ) {
            self.gateway = gateway
            self.gatewayIdentity = gatewayIdentity
            self.owner = owner
            self.ownerAddress = ownerAddress
            self.deadAddress = deadAddress
            self.boundBytes = boundBytes
            self.letTimePass = letTimePass
            self.serve = serve
            self.stopOwner = stopOwner
        }
    }

    /// One promise.
    package struct Case: Sendable, CustomStringConvertible {
        /// The promise as a sentence.
        package let name: String
        /// Tries it on two fresh nodes.
        package let run: @Sendable (Environment) async throws -> Void
        package var description: String { name }
    }

    /// A broken promise.
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    /// All promises.
    package static let cases: [Case] = openingCases + streamCases + boundCases

    static func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(description: otherwise()) }
    }

    static func requireEqual<Value: Equatable>(
        _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String
    ) throws(Violation) {
        if actual != expected { throw Violation(description: "\(what()): \(actual), expected \(expected)") }
    }
}
