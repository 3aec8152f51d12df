package import RuntimePorts

/// What the storage ports of one database promise, as cases that a test target runs on each implementation.
///
/// A case makes documents of its own, so that all cases can share one database. It throws ``Violation`` when the
/// promise is broken.
package enum LogContract {
    /// All ports.
    package typealias Store = OperationLog & SnapshotStore & DocumentCatalog & ChangePositions

    /// One promise.
    package struct Case: Sendable, CustomStringConvertible {
        /// The promise as a sentence.
        package let name: String
        let body: @Sendable (any Store, inout SampleSource) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (any Store, inout SampleSource) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// Tries it; the seed decides ids and content.
        package func run(on store: any Store, seed: UInt64) async throws {
            // Cases of one run share the seed but must not share documents.
            var source = SampleSource(seed: name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
            try await body(store, &source)
        }

        package var description: String { name }
    }

    /// A broken promise.
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    /// All promises.
    package static let cases: [Case] =
        appendCases + takeOverCases + readingCases + snapshotCases + catalogCases
        + positionCases

    static func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(description: otherwise()) }
    }

    static func requireEqual<Value: Equatable>(
        _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String
    ) throws(Violation) {
        if actual != expected { throw Violation(description: "\(what()): \(actual), expected \(expected)") }
    }
}
