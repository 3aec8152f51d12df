package import Nemeses
import Randomness

/// A fault with its time.
package struct PlannedFault: Sendable, Hashable, CustomStringConvertible {
    /// 1 for the first of the schedule.
    package let number: Int
    /// When it begins, from the beginning of the load.
    package let at: Duration
    package let lasting: Duration
    package let specification: FaultSpecification
    /// Decides who plays the role.
    package let seed: UInt64

    package var description: String {
        let time = "\(at.inSeconds.padded(2, width: 8)) s"
        let span = lasting > .zero ? "  for \(lasting.inSeconds.padded(2)) s" : ""
        return "\(time)  \(specification)\(span)"
    }
}

/// The faults of a scenario in the order of their times: the same for the same seed, however long one looks.
package struct FaultSchedule: Sendable {
    private struct Source: Sendable {
        enum Kind: Sendable {
            case entry(FaultEntry)
            case random(RandomFaults)
        }
        let kind: Kind
        var random: SplitMix64
        /// `nil`: none any more.
        var next: Duration?
    }
    private var sources: [Source] = []
    private var count = 0

    /// Plans a scenario's faults.
    package init(_ scenario: Scenario, seed: UInt64) {
        var seeds = SplitMix64(seed: seed)
        for entry in scenario.faults {
            let first: Duration =
                switch entry.occasion {
                case .once(let time): time
                case .every(_, let from, _): from
                }
            sources.append(Source(kind: .entry(entry), random: SplitMix64(seed: seeds.next()), next: first))
        }
        if let random = scenario.random {
            sources.append(Source(kind: .random(random), random: SplitMix64(seed: seeds.next()), next: random.from))
        }
    }

    /// The next fault; `nil` when there is none any more.
    package mutating func next() -> PlannedFault? {
        var earliest: Int?
        for (index, source) in sources.enumerated() {
            guard let time = source.next else { continue }
            if let found = earliest, let known = sources[found].next, known <= time { continue }
            earliest = index
        }
        guard let earliest, let time = sources[earliest].next else { return nil }
        count += 1
        return draw(from: earliest, at: time)
    }

    /// All that begin before a time.
    package static func faults(of scenario: Scenario, seed: UInt64, before end: Duration) -> [PlannedFault] {
        var schedule = FaultSchedule(scenario, seed: seed)
        var faults: [PlannedFault] = []
        while let fault = schedule.next(), fault.at < end { faults.append(fault) }
        return faults
    }

    private mutating func draw(from index: Int, at time: Duration) -> PlannedFault {
        let seed = sources[index].random.next()
        switch sources[index].kind {
        case .entry(let entry):
            sources[index].next = nil
            if case .every(let interval, _, let until) = entry.occasion, time + interval < until ?? .seconds(1 << 30) {
                sources[index].next = time + interval
            }
            return PlannedFault(
                number: count, at: time, lasting: entry.lasting, specification: entry.specification, seed: seed)
        case .random(let random):
            let specification = Self.choose(random.faults, &sources[index].random)
            let lasting =
                specification.kind.isInstant ? .zero : Self.within(random.lasting, &sources[index].random)
            sources[index].next = time + Self.within(random.every, &sources[index].random)
            return PlannedFault(number: count, at: time, lasting: lasting, specification: specification, seed: seed)
        }
    }

    private static func choose(
        _ faults: [RandomFaults.Choice], _ random: inout SplitMix64
    ) -> FaultSpecification {
        var left = Int.random(in: 0..<max(1, faults.reduce(0) { $0 + $1.weight }), using: &random)
        for choice in faults {
            left -= choice.weight
            if left < 0 { return choice.specification }
        }
        return faults[0].specification
    }

    private static func within(_ range: ClosedRange<Duration>, _ random: inout SplitMix64) -> Duration {
        let bounds = Int64(range.lowerBound / .milliseconds(1))...Int64(range.upperBound / .milliseconds(1))
        return .milliseconds(Int64.random(in: bounds, using: &random))
    }
}
