/// A statement on its way through a connection, and who waits for it.
struct PendingStatement {
    enum Waiter {
        case caller(CheckedContinuation<Result<ResultSet, PostgresError>, Never>)
        /// The connection's own first statement.
        case configuration
    }

    let statement: Statement
    var parameters: Parameters
    let waiter: Waiter
    /// Whether its preparation was sent before it, in the same transaction.
    var isPreparing = false
    /// Whether that preparation was refused.
    private(set) var preparationFailed = false
    /// What has been heard of it; an error wins over rows.
    private(set) var reply: Result<ResultSet, ServerError>?

    init(statement: Statement, parameters: Parameters, waiter: Waiter) {
        self.statement = statement
        self.parameters = parameters
        self.waiter = waiter
    }

    func finish(_ result: Result<ResultSet, PostgresError>) {
        if case .caller(let continuation) = waiter { continuation.resume(returning: result) }
    }

    /// Takes a result or an error of one of the statement's commands.
    mutating func take(_ new: Result<ResultSet, ServerError>) {
        // The first error is the cause; what follows it was skipped.
        if case .failure = reply { return }
        if case .failure = new, isPreparing, reply == nil { preparationFailed = true }
        reply = new
    }
}
