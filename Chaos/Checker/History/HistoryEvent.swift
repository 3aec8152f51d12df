/// One thing that was seen while a cluster was being tested: a line of a history (HISTORY.md).
///
/// A history is what clients, the storage and whoever injected faults saw, in the order in which it was recorded. It
/// knows nothing of the system's inside, so that anybody's recording of anybody's implementation can be checked.
package struct HistoryEvent: Hashable, Sendable {
    /// When, in microseconds of the recorder's one monotonic clock. Never less than that of the event before.
    package var at: Int64
    /// What.
    package var kind: Kind

    /// Makes an event.
    package init(at: Int64, _ kind: Kind) {
        self.at = at
        self.kind = kind
    }

    /// The kinds of events.
    package enum Kind: Hashable, Sendable {
        /// A document begins, with the content that it has at version 0.
        case document(DocumentStart)
        /// A connection is about to be asked for. Recorded before the request leaves.
        case opened(Opening)
        /// A connection has ended; nothing follows in its session.
        case closed(Closing)
        /// An operation is about to be sent, for the first time or again. Recorded before it leaves.
        case submitted(Submission)
        /// An `ack` came.
        case acknowledged(Acknowledgement)
        /// `operation` or `operations` came.
        case seen(Broadcast)
        /// `init` came.
        case initial(WholeContent)
        /// `catchup` came.
        case caughtUp(CatchUp)
        /// `resync` came.
        case resynced(WholeContent)
        /// `error` came, or a request was answered by one.
        case failed(Failure)
        /// `degraded` came.
        case degraded(session: String)
        /// `restored` came.
        case restored(session: String)
        /// `permission` came.
        case permission(session: String, Permission)
        /// Where another client is came. Counted, not judged: presence is best effort.
        case presence(session: String, client: String, version: Int)
        /// A change of access is about to be asked for by HTTP. Recorded before the request leaves.
        case accessRequested(AccessChange)
        /// A change of access has been answered.
        case accessAnswered(request: String, status: Int)
        /// Content was read by HTTP.
        case read(ContentRead)
        /// What a session holds by itself, after applying everything that it was told.
        case held(HeldContent)
        /// A fault begins.
        case faultBegan(Fault)
        /// A fault ends: what was cut is whole again, what was killed runs again.
        case faultEnded(fault: String)
        /// A row of the operation log, as a reading of the log found it.
        case row(LogRow)
        /// A document's row of ownership, as a reading of the log found it: of the last reading, it says that all rows
        /// have been given.
        case head(LogHead)
    }
}

extension HistoryEvent {
    /// What a user may do with a document, least first.
    package enum Permission: String, Hashable, Sendable, CaseIterable, Comparable {
        case none, view, edit, admin

        package static func < (left: Permission, right: Permission) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .none: 0
            case .view: 1
            case .edit: 2
            case .admin: 3
            }
        }
    }

    /// Something done to the system, for the timeline and for the gaps.
    package struct Fault: Hashable, Sendable {
        /// The name by which its end refers to it.
        package var fault: String
        /// What is done: `kill`, `pause`, `partition` …; figures are given for each kind.
        package var kind: String
        /// To whom. Sessions on nodes that are named here are not counted among the survivors.
        package var targets: [String]

        package init(_ fault: String, kind: String, targets: [String]) {
            self.fault = fault
            self.kind = kind
            self.targets = targets
        }
    }

    /// A request to change what a user may do.
    package struct AccessChange: Hashable, Sendable {
        /// The name by which the answer refers to it.
        package var request: String
        package var document: String
        package var user: String
        /// What the user may do from now on.
        package var permission: Permission

        package init(request: String, document: String, user: String, permission: Permission) {
            self.request = request
            self.document = document
            self.user = user
            self.permission = permission
        }
    }
}
