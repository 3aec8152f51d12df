/// What a turn of an actor's loop wants run beside it; the loop starts it as children when the turn ends.
///
/// Used by one actor only.
final class BesideTasks {
    private var operations: [@Sendable () async -> Void] = []

    func add(_ operation: @escaping @Sendable () async -> Void) { operations.append(operation) }

    func take() -> [@Sendable () async -> Void] {
        defer { operations = [] }
        return operations
    }
}
