/// One thing in a history that a promise rules out.
package struct Violation: Hashable, Sendable {
    package var rule: Rule
    /// What happened, for a person.
    package var message: String
    package var document: String
    package var session: String?
    package var client: String?
    package var operationID: String?
    package var version: Int?
    /// The lines of the history that show it; line 1 is the header.
    package var lines: [Int]

    package var guarantee: Guarantee { rule.guarantee }

    /// What was broken, by a name that stays.
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        // G1
        case acknowledgedMissing = "acknowledged-missing"
        case acknowledgedElsewhere = "acknowledged-elsewhere"
        case acknowledgedBeforeCommit = "acknowledged-before-commit"
        // G2
        case seenMissing = "seen-missing"
        case seenOtherwise = "seen-otherwise"
        case seenBeforeCommit = "seen-before-commit"
        case contentNotOfLog = "content-not-of-log"
        case seenDisappeared = "seen-disappeared"
        case submittedByNobody = "submitted-by-nobody"
        // G3
        case appliedTwice = "applied-twice"
        case acknowledgedAtTwoVersions = "acknowledged-at-two-versions"
        case acknowledgedThenRefused = "acknowledged-then-refused"
        case ownNotBuiltOn = "own-not-built-on"
        // G4
        case sessionGap = "session-gap"
        case sessionDisorder = "session-disorder"
        case logGap = "log-gap"
        case branch
        // G5
        case epochDecreases = "epoch-decreases"
        case writtenAfterTakeover = "written-after-takeover"
        case rowChanged = "row-changed"
        case headRegressed = "head-regressed"
        // G6
        case digestDiffers = "digest-differs"
        case contentDiverged = "content-diverged"
        case rowNotApplicable = "row-not-applicable"
        // G7
        case transformedOtherwise = "transformed-otherwise"
        case insertionChanged = "insertion-changed"
        case deletedUnseen = "deleted-unseen"
        case originLost = "origin-lost"
        // G8
        case emptyInsteadOfDocument = "empty-instead-of-document"
        // G9
        case editWithoutPermission = "edit-without-permission"
        case contentWithoutPermission = "content-without-permission"
        // G10
        case gapTooLong = "gap-too-long"

        package var guarantee: Guarantee {
            switch self {
            case .acknowledgedMissing, .acknowledgedElsewhere, .acknowledgedBeforeCommit: .g1
            case .seenMissing, .seenOtherwise, .seenBeforeCommit, .contentNotOfLog, .seenDisappeared,
                .submittedByNobody:
                .g2
            case .appliedTwice, .acknowledgedAtTwoVersions, .acknowledgedThenRefused, .ownNotBuiltOn: .g3
            case .sessionGap, .sessionDisorder, .logGap, .branch: .g4
            case .epochDecreases, .writtenAfterTakeover, .rowChanged, .headRegressed: .g5
            case .digestDiffers, .contentDiverged, .rowNotApplicable: .g6
            case .transformedOtherwise, .insertionChanged, .deletedUnseen, .originLost: .g7
            case .emptyInsteadOfDocument: .g8
            case .editWithoutPermission, .contentWithoutPermission: .g9
            case .gapTooLong: .g10
            }
        }
    }
}
