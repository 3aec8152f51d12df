/// What one user may do with one document, as far as answered requests say.
struct AccessLedger: Sendable {
    /// A time in which the user is known not to have something.
    struct Bar: Sendable {
        /// When the change was answered.
        let since: Int64
        let line: Int
        /// When something was asked for that may have given it back.
        var until: Int64?

        func contains(_ time: Int64) -> Bool { time >= since && time < until ?? .max }
    }

    let name: String
    /// Times without `edit`, in order.
    private(set) var editBars: [Bar] = []
    /// Times without `view`, in order.
    private(set) var viewBars: [Bar] = []
    /// Whether the user may ever have been given `edit`, or was told to have it: then what a session was told at its
    /// beginning does not decide.
    var mayHaveEdited = false

    var viewBar: Bar? { viewBars.last.flatMap { $0.until == nil ? $0 : nil } }

    init(name: String) { self.name = name }

    /// A change is asked for: from now on it may be in force.
    mutating func asked(_ permission: HistoryEvent.Permission, at time: Int64) {
        if permission >= .edit {
            mayHaveEdited = true
            Self.end(&editBars, time)
        }
        if permission >= .view { Self.end(&viewBars, time) }
    }

    /// A change is in force.
    mutating func barred(edit: Bool, view: Bool, at time: Int64, line: Int) {
        if edit, editBars.last?.until != nil || editBars.isEmpty { editBars.append(Bar(since: time, line: line)) }
        if view, viewBars.last?.until != nil || viewBars.isEmpty { viewBars.append(Bar(since: time, line: line)) }
    }

    private static func end(_ bars: inout [Bar], _ time: Int64) {
        if let last = bars.indices.last, bars[last].until == nil { bars[last].until = time }
    }
}

/// A change of access that has been asked for.
struct AccessRequest: Sendable {
    let document: Int
    let user: Int
    let permission: HistoryEvent.Permission
    /// Whether another request that gives what this one takes was open at the same time: then their order is not known.
    var isEditContested = false
    var isViewContested = false
}
