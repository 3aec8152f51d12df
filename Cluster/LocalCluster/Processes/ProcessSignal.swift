internal import Glibc

/// The signals that the local cluster sends.
package enum ProcessSignal: String, CaseIterable, Codable, Sendable {
    /// Ends the process at once; it cannot prepare for it.
    case kill = "KILL"
    /// Asks the process to leave: a node drains, PostgreSQL waits for its clients.
    case terminate = "TERM"
    /// Has a node read the level of its logs again.
    case hangup = "HUP"
    /// Asks PostgreSQL for a fast shutdown.
    case interrupt = "INT"
    /// Asks PostgreSQL for an immediate shutdown.
    case quit = "QUIT"
    /// Stops the process; its sockets stay open and silent.
    case stop = "STOP"
    /// Continues a stopped process.
    case resume = "CONT"

    var number: Int32 {
        switch self {
        case .kill: SIGKILL
        case .terminate: SIGTERM
        case .hangup: SIGHUP
        case .interrupt: SIGINT
        case .quit: SIGQUIT
        case .stop: SIGSTOP
        case .resume: SIGCONT
        }
    }
}
