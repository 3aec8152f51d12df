/// A fault whose parties are known, and which has not begun.
///
/// What it meets is taken until ``Stage/release(_:)``.
package struct PreparedFault: Sendable {
    /// Who is met: `node-2`, `postgres` …
    package let targets: [String]
    /// The documents that are met, as far as that can be said; `nil`: all.
    package let documents: [String]?
    /// What is done, with names: for the timeline.
    package let description: String
    /// Does it.
    package let begin: @Sendable () async throws -> Void
    /// Undoes it, and returns when everything is as it was.
    package let end: @Sendable () async throws -> Void
    /// What no other fault may have meanwhile.
    let taken: [String]

    init(
        _ targets: [String], documents: [String]? = nil, taking taken: [String] = [], _ description: String,
        begin: @escaping @Sendable () async throws -> Void, end: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.targets = targets
        self.documents = documents
        self.taken = taken
        self.description = description
        self.begin = begin
        self.end = end
    }
}

/// Why a fault does not begin now, which is no failure: nobody plays the role, or another fault has whoever does.
package struct NotNow: Error, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
