internal import CollabModel
internal import LocalCluster
internal import Randomness

/// What happens to a clock.
struct ClockNemesis {
    private let fault: FaultSpecification

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: Stage, random: inout SplitMix64) async throws -> PreparedFault {
        guard let clocks = stage.clocks else { throw NotNow("no process runs with a clock that can be shifted") }
        let name =
            switch fault.target ?? .any {
            case .redis: "redis"
            case .postgres: "postgres"
            case let role: try await stage.node(for: role, &random).id.text
            }
        let clock = "the clock of \(name)"
        try await stage.take(clock)
        let offset = fault.offset
        return PreparedFault([name], taking: [clock], "\(clock) jumps by \(offset.components.seconds) s") {
            try clocks.shift(name, by: offset)
        } end: {
            try clocks.shift(name, by: .zero)
        }
    }
}
