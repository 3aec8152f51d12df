internal import DocumentCore
internal import Randomness

/// Draws faults from a seed, one after the other: the same ones whatever the run makes of them.
struct FaultSchedule {
    private var random: SplitMix64
    private let plan: SimulationPlan
    private var time: Int64 = 0

    init(_ plan: SimulationPlan) {
        self.plan = plan
        random = SplitMix64(seed: plan.seed ^ 0xFA17)
    }

    /// All faults of a run, in order.
    static func all(_ plan: SimulationPlan) -> [ScheduledFault] {
        var schedule = FaultSchedule(plan)
        var faults: [ScheduledFault] = []
        while let next = schedule.next() { faults.append(next) }
        return faults
    }

    private mutating func next() -> ScheduledFault? {
        // Now and then one strikes on the heels of another.
        time += draw(5) == 0 ? long(1_000...200_000) : long(plan.faultInterval / 4...plan.faultInterval * 7 / 4)
        guard time < plan.duration else { return nil }
        return ScheduledFault(time: time, fault: fault())
    }

    private mutating func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    private mutating func long(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
    private mutating func node() -> Int { draw(plan.nodes) }
    private mutating func editor() -> Int { draw(plan.documents * plan.editorsPerDocument) }
    private mutating func one<Value>(of values: [Value]) -> Value { values[draw(values.count)] }
    private mutating func death() -> NodeDeath { one(of: [.closing, .closing, .resetting, .resetting, .silent]) }
    private mutating func direction() -> Fault.Direction { one(of: [.there, .back, .both, .both]) }

    /// Mostly below the times at which something is noticed, sometimes around them, seldom far above.
    private mutating func duration() -> Int64 {
        switch draw(10) {
        case 0..<4: long(5_000...300_000)
        case 4..<8: long(300_000...3_500_000)
        default: long(3_500_000...14_000_000)
        }
    }

    private mutating func fault() -> Fault {
        switch draw(100) {
        case 0..<12: return .nodeCrashes(node(), death(), downFor: long(50_000...6_000_000))
        case 12..<22: return .nodeStops(node(), for: duration())
        case 22..<28: return .nodeDrains(node())
        case 28..<31:
            return .clockDrifts(node(), permille: one(of: [300, 700, 900, 1_100, 1_500, 3_000]), for: duration())
        case 31: return .timeOfDayJumps(node(), by: long(-86_400_000_000...86_400_000_000))
        case 32..<35: return .redisCrashes(death(), downFor: duration(), isEmptied: draw(2) == 0)
        case 35..<37: return .redisIsEmptied
        case 37..<39: return .redisSlows(by: long(1_000...900_000), for: duration())
        case 39..<42: return .postgresCrashes(death(), downFor: long(50_000...4_000_000))
        case 42..<44: return .postgresSlows(by: long(1_000...300_000), for: duration())
        case 44..<48: return .commitsSlow(by: long(1_000...2_000_000), for: duration())
        case 48..<50: return .diskFills(for: duration())
        case 50..<53:
            return .appendsRefused(
                permille: long(20...600), forGoodPermille: one(of: [0, 0, 300, 1_000]), for: duration())
        default: return linkFault()
        }
    }

    private mutating func linkFault() -> Fault {
        switch draw(47) {
        case 0..<4: return .serverCut(node(), .redis, direction(), for: duration())
        case 4..<8: return .serverCut(node(), .postgres, direction(), for: duration())
        case 8..<10: return .serverReset(node(), .redis)
        case 10..<14: return .serverReset(node(), .postgres)
        case 14..<20:
            let (one, other) = pair()
            return .linkCut(one, other, direction(), for: duration())
        case 20..<25:
            let (one, other) = pair()
            return .linkReset(one, other)
        case 25..<28:
            let (one, other) = pair()
            return .linkSlows(one, other, by: long(1_000...700_000), for: duration())
        case 28..<30: return .nodeIsolated(node(), for: duration())
        case 30..<36: return .editorReset(editor())
        case 36..<40: return .editorCut(editor(), direction(), for: duration())
        case 40..<45: return .editorMovesOn(editor())
        default: return .editorVanishes(editor())
        }
    }

    private mutating func pair() -> (Int, Int) {
        let one = node()
        return (one, (one + 1 + draw(plan.nodes - 1)) % plan.nodes)
    }
}
