/// Carries what belongs to the simulation's thread into a task.
///
/// Sound although unchecked: every task of a simulation runs on that one thread.
struct Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
