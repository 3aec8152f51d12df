/// What a history says about one promise.
package struct Verdict: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable {
        /// Something was examined and nothing was found.
        case held
        case violated
        /// The history has nothing by which the promise could be judged. Never the same as held.
        case notObserved = "not observed"
    }

    /// How much of something was examined, or could not be.
    package struct Amount: Hashable, Sendable {
        package var what: String
        package var count: Int
    }

    package var guarantee: Guarantee
    package var outcome: Outcome
    /// What was examined.
    package var examined: [Amount]
    /// What could not be decided.
    package var undecided: [Amount]
    /// The first violations, in the order in which they were found.
    package var violations: [Violation]
    /// How many there are.
    package var violationCount: Int
}
