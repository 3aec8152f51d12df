#if MUTANTS
    /// A defect that can be switched on, to see whether the tests that are meant to find such defects do.
    ///
    /// Compiled only where `COLLAB_MUTANTS=1` was in the environment of the build (Package.swift); otherwise neither this
    /// type nor what asks for it exists. Chaos/README.md says which was found by what.
    ///
    /// ``dedupForgotten``, ``lowerBaseTrusted`` and ``strayApplied`` also do without the rule that an operation builds on its
    /// client's own, which stands behind them.
    package enum Mutant: String, Sendable, CaseIterable {
        /// An owner acknowledges an operation as soon as it has applied it.
        case ackBeforeCommit = "ack-before-commit"
        /// An owner tells everybody of operations as soon as it has handed them to the log writer.
        case broadcastBeforeCommit = "broadcast-before-commit"
        /// An owner opens streams with the document that it has applied ahead of the commit.
        case speculativeInit = "speculative-init"
        /// An owner does not ask the log about the first operation of a client in its epoch, nor its window about others.
        case dedupForgotten = "dedup-forgotten"
        /// An owner does not ask the log about an operation that is based below its client's last one.
        case lowerBaseTrusted = "lower-base-trusted"
        /// An owner applies what arrives under a connection that is not its client's newest.
        case strayApplied = "stray-applied"
        /// Neither a replica nor an owner looks at a session's permission.
        case permissionIgnored = "permission-ignored"
        /// Of two operations at one place the later one stands to the left.
        case wrongPriority = "wrong-priority"
        /// An owner writes snapshots of the document that it has applied ahead of the commit.
        case speculativeSnapshot = "speculative-snapshot"
        /// A replica shows its document without asking the owner how far the log is.
        case staleReplica = "stale-replica"
        /// A replica asks for a client's last operation without a bound.
        case unboundedLastOperation = "unbounded-last-operation"
        /// An owner goes on when its lease has lapsed, without reading its epoch.
        case lapseIgnored = "lapse-ignored"
        /// An owner says how far the document is without reading its epoch.
        case committedUnconfirmed = "committed-unconfirmed"
        /// An owner that appends nothing never reads its epoch.
        case idleUnchecked = "idle-unchecked"
        /// An owner goes on when nobody has confirmed a handoff.
        case handoffGoesOn = "handoff-goes-on"
        /// The log writer takes an append whose outcome is unknown for written.
        case unknownIsWritten = "unknown-is-written"
        /// The log writer takes a refused append for written.
        case refusalIsWritten = "refusal-is-written"
        /// A node that becomes the owner starts from its replica's document without reading what the log has since.
        case warmStateTrusted = "warm-state-trusted"
        /// The log's statement compares the epoch before it takes the row, and not the head: what `EXISTS` would do.
        case noHeadCheck = "no-head-check"
        /// A takeover does not wait for an append that holds the row.
        case takeoverDoesNotWait = "takeover-does-not-wait"
        /// The log's statement writes the rows of every epoch of a document whose head moved.
        case epochNotJoined = "epoch-not-joined"
        /// The log takes an operation id twice.
        case operationsNotUnique = "operations-not-unique"

        /// What is switched on. Set once, before anything runs.
        nonisolated(unsafe) package static var active: Set<Mutant> = []

        package var isActive: Bool { Self.active.contains(self) }

        /// Switches defects on by their names.
        package static func switchOn(_ names: some Sequence<String>) throws(UnknownMutant) {
            for name in names {
                guard let mutant = Mutant(rawValue: name) else { throw UnknownMutant(name: name) }
                active.insert(mutant)
            }
        }
    }

    package struct UnknownMutant: Error, CustomStringConvertible {
        package var name: String
        package var description: String {
            "\(name) is no defect: \(Mutant.allCases.map(\.rawValue).joined(separator: " "))"
        }
    }
#endif
