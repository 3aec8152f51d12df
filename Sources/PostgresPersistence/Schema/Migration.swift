/// One step of the schema. Never changed once released: a change is a new step.
struct Migration: Sendable {
    /// 1, 2, 3 … in order.
    var version: Int64
    var name: String
    /// Run one after the other in one transaction.
    var statements: [String]

    /// All steps, in order.
    static let all: [Migration] = [.first, .changeFeed]
}
