import Randomness

@testable import HistoryChecker

extension HistoryEvent {
    /// A row of the last reading.
    var lastRow: LogRow? { if case .row(let row) = kind, row.reading == nil { row } else { nil } }
    var acknowledgement: Acknowledgement? { if case .acknowledged(let ack) = kind { ack } else { nil } }
    var broadcast: Broadcast? { if case .seen(let broadcast) = kind { broadcast } else { nil } }
    var held: HeldContent? { if case .held(let held) = kind { held } else { nil } }
    var submission: Submission? { if case .submitted(let submission) = kind { submission } else { nil } }
    var opening: Opening? { if case .opened(let opening) = kind { opening } else { nil } }
    /// An `init` of a version that is not the first.
    var whole: WholeContent? { if case .initial(let whole) = kind, whole.version > 0 { whole } else { nil } }

    /// Whether it is about what users may do.
    var isAccess: Bool {
        switch kind {
        case .accessRequested, .accessAnswered, .permission: true
        default: false
        }
    }

    /// Whether it tells a session a version or ends it.
    func tells(_ session: String) -> Bool {
        switch kind {
        case .acknowledged(let ack): ack.session == session
        case .seen(let broadcast): broadcast.session == session
        case .resynced(let whole): whole.session == session
        case .closed(let closing): closing.session == session
        default: false
        }
    }

    /// The version that it tells as the next.
    var numbered: Int? { acknowledgement?.version ?? broadcast?.operations[0].version }
}

extension [HistoryEvent] {
    /// The index of one of the events that fit.
    func pick(_ random: inout SplitMix64, _ fits: (HistoryEvent) -> Bool) -> Int? {
        indices.filter { fits(self[$0]) }.randomElement(using: &random)
    }

    /// Changes one of the events that have a part; `false` when none has.
    mutating func change<Part>(
        _ random: inout SplitMix64, _ part: (HistoryEvent) -> Part?, _ change: (inout Part) -> Void,
        make: (Part) -> HistoryEvent.Kind
    ) -> Bool {
        guard let index = pick(&random, { part($0) != nil }), var value = part(self[index]) else { return false }
        change(&value)
        self[index].kind = make(value)
        return true
    }
}
