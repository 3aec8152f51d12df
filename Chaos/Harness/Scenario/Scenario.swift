package import LoadGenerator
package import Nemeses

/// What is done to a cluster, under which load, and what has to hold.
package struct Scenario: Sendable {
    package var name = ""
    /// What it is about, in a sentence.
    package var summary = ""
    /// The row of the event table in guarantees.md that it stands for.
    package var event: String?
    package var nodes = 3
    /// How long people type; `nil`: until told to stop.
    package var duration: Duration? = .seconds(20)
    /// How long everything may take, after the typing, to be durable and with everybody.
    package var settle: Duration = .seconds(60)
    package var workload = Workload()
    package var faults: [FaultEntry] = []
    package var random: RandomFaults?
    package var expectations = Expectations()

    package init() {}

    /// Whether a process needs a clock that can be shifted.
    package var shiftsClocks: Bool { kinds.contains(.clockShift) }

    /// Whether the cluster has a broker, to which changes are published.
    package var hasBroker: Bool { kinds.contains(where: \.needsBroker) }

    private var kinds: [FaultKind] {
        (faults.map(\.specification) + (random?.faults.map(\.specification) ?? [])).map(\.kind)
    }
}

/// The people of a scenario.
package struct Workload: Sendable {
    package var documents = 2
    package var editors = 20
    /// Edits in a second, of each editor.
    package var rate = 12.0
    /// Typing before the first fault can begin.
    package var warmUp: Duration = .seconds(2)
    /// UTF-16 units that a document begins with, and formatted runs that they are divided into.
    package var characters = 0
    package var runs = 1
    package var mix = TypingMix()
    /// How many of the editors lose their connection again and again, and about how often.
    package var reconnecting = 0
    package var reconnectEvery: Duration = .seconds(4)
    /// Whether editors say where their cursor is.
    package var presence = false

    package init() {}
}

/// A fault at a time or again and again.
package struct FaultEntry: Sendable {
    /// When, from the beginning of the load.
    package enum Occasion: Sendable, Hashable {
        case once(Duration)
        case every(Duration, from: Duration, until: Duration?)
    }

    package var occasion: Occasion
    /// How long it lasts; zero for what is over at once.
    package var lasting: Duration
    package var specification: FaultSpecification
}

/// Faults drawn by chance.
package struct RandomFaults: Sendable {
    /// From one fault's beginning to the next one's.
    package var every: ClosedRange<Duration> = .seconds(2) ... .seconds(5)
    package var lasting: ClosedRange<Duration> = .milliseconds(500) ... .seconds(4)
    package var from: Duration = .seconds(3)
    package var faults: [Choice] = []

    /// One that may be drawn.
    package struct Choice: Sendable {
        package var weight: Int
        package var specification: FaultSpecification
    }
}

/// What has to hold at the end.
package struct Expectations: Sendable {
    /// The guarantees that must be seen to hold; those of the log and of the editors unless a scenario says otherwise. A
    /// violation of any other fails a run as well.
    package var guarantees: [String] = (1...7).map { "G\($0)" }
    /// So many operations are acknowledged at least: a load that did nothing proves nothing.
    package var operations = 100
    /// So many faults have begun at least.
    package var faults = 1
    /// The presence of a client that vanished is gone for the others after this long at most.
    package var presenceGone: Duration?
    /// Bounds of gaps by kind of fault.
    package var gaps: [FaultKind: GapBound] = [:]
}

/// What the gaps under one kind of fault may be.
package struct GapBound: Sendable, Hashable {
    package var p50: Duration?
    package var p99: Duration?
    package var maximum: Duration?

    package init(p50: Duration? = nil, p99: Duration? = nil, maximum: Duration? = nil) {
        self.p50 = p50
        self.p99 = p99
        self.maximum = maximum
    }
}

/// Why a scenario cannot be used.
package struct ScenarioError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file and line, and what is wrong there.
    package let description: String

    init(_ description: String) { self.description = description }
}
