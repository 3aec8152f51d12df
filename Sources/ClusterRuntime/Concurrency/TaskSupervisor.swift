/// Runs tasks that begin in code which cannot await them, as children of one long-lived task.
///
/// Everything that the runtime starts later than its own start (owners, replicas, handoffs) lives here, so that ending
/// the runtime ends them all.
package final class TaskSupervisor: Sendable {
    private let starts = Mailbox<@Sendable () async -> Void>(capacity: 1 << 20)

    package init() {}

    /// Starts the operation soon; `false`: the supervisor has ended.
    @discardableResult
    package func start(_ operation: @escaping @Sendable () async -> Void) -> Bool { starts.post(operation) }

    /// Runs what is started until cancelled; then cancels and awaits all of it.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                while let operations = await starts.next() {
                    for operation in operations { group.addTask { await operation() } }
                }
                group.cancelAll()
            }
        } onCancel: {
            starts.close()
        }
    }
}
