package import RuntimePorts

/// What every ``RuntimePorts/LeaseStore`` promises, as cases that a test target runs on each implementation.
///
/// It knows nothing of a testing library: a case throws ``Violation`` when the promise is broken.
package struct LeaseStoreContract: Sendable {
    /// What the cases ask of the test beside the store.
    package struct Environment: Sendable {
        /// The store under test, without anything in it.
        package var store: any LeaseStore
        /// Returns when so many milliseconds have gone by on the store's clock.
        package var letTimePass: @Sendable (_ milliseconds: Int) async throws -> Void
        /// Removes everything from the store, as if it had been replaced by an empty one.
        package var empty: @Sendable () async throws -> Void

        /// Describes the surroundings of a case.
        package init(
            store: any LeaseStore, letTimePass: @escaping @Sendable (_ milliseconds: Int) async throws -> Void,
            empty: @escaping @Sendable () async throws -> Void
        ) {
            self.store = store
            self.letTimePass = letTimePass
            self.empty = empty
        }
    }

    /// One promise.
    package struct Case: Sendable, CustomStringConvertible {
        /// The promise as a sentence.
        package let name: String
        /// Tries it on a fresh store.
        package let run: @Sendable (Environment) async throws -> Void
        package var description: String { name }
    }

    /// A broken promise.
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    /// All promises.
    package static let cases: [Case] = nodeCases + markerCases + documentCases + eventCases

    static func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(description: otherwise()) }
    }

    static func requireEqual<Value: Equatable>(
        _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String
    ) throws(Violation) {
        if actual != expected { throw Violation(description: "\(what()): \(actual), expected \(expected)") }
    }
}
