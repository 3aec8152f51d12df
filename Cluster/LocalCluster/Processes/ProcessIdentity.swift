internal import CDetachedProcess
internal import Foundation
internal import Glibc

/// Names one process for good: its id together with the time at which it was started.
///
/// A process id alone is used again by the system. Everything that this module signals is checked against the start
/// time (`/proc/PID/stat`, field 22, proc(5)) through a descriptor that cannot change its meaning in between, so
/// that a stale record never ends somebody else's process.
package struct ProcessIdentity: Codable, Hashable, Sendable {
    /// The process id.
    package let pid: Int32
    /// When the process was started, in clock ticks since the machine booted.
    package let startTime: UInt64

    /// Names a process by what was recorded about it.
    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// Names the process that has this id now; `nil` when there is none.
    package init?(runningAs pid: Int32) {
        guard let stat = ProcessStat(pid: pid) else { return nil }
        self.init(pid: pid, startTime: stat.startTime)
    }

    /// The process that executes this code.
    package static var current: ProcessIdentity {
        ProcessIdentity(runningAs: getpid()) ?? ProcessIdentity(pid: getpid(), startTime: 0)
    }

    /// What the process does now.
    package var condition: ProcessCondition {
        guard let stat = ProcessStat(pid: pid), stat.startTime == startTime else { return .gone }
        switch stat.state {
        case "Z", "X", "x": return .gone
        case "T", "t": return .stopped
        default: return .alive
        }
    }

    /// Whether the process has not ended; a stopped one has not.
    package var exists: Bool { condition != .gone }

    /// Sends a signal to the process.
    ///
    /// - Returns: whether the process was there to get it.
    /// - Throws: ``LocalClusterError`` with code `signal_refused` when the system does not allow it.
    @discardableResult
    package func send(_ signal: ProcessSignal) throws(LocalClusterError) -> Bool {
        guard exists, let descriptor = openChecked() else { return false }
        defer { _ = Glibc.close(descriptor) }
        if collab_process_signal(descriptor, signal.number) == 0 { return true }
        if errno == ESRCH { return false }
        throw LocalClusterError(
            code: "signal_refused",
            message: "process \(pid) was not sent \(signal.rawValue): \(String(cString: strerror(errno)))")
    }

    /// Stops the process and returns when it has stopped, which the system does a moment after the signal.
    package func pause() async throws {
        guard try send(.stop) else { return }
        let deadline = ContinuousClock.now + .seconds(1)
        while condition == .alive, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Waits until the process has ended, and removes it from the process table when it is our child.
    ///
    /// - Returns: whether it has ended within `timeout`.
    package func waitForExit(within timeout: Duration) async -> Bool {
        await exit(within: timeout) != nil
    }

    /// Waits until the process has ended, and removes it from the process table when it is our child.
    ///
    /// - Returns: how it ended, or `nil` when it has not within `timeout`.
    package func exit(within timeout: Duration) async -> ProcessExit? {
        guard let descriptor = openChecked() else { return .unknown }
        let milliseconds = Int32(clamping: Int64(timeout / .milliseconds(1)))
        let ended = await onBlockingThread {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            var result = poll(&entry, 1, milliseconds)
            while result < 0, errno == EINTR { result = poll(&entry, 1, milliseconds) }
            _ = Glibc.close(descriptor)
            return result > 0
        }
        return ended ? reap() : nil
    }

    /// Collects the exit status when the process is a child of this one that has ended.
    @discardableResult
    func reap() -> ProcessExit {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? .status(status) : .unknown
    }

    /// Opens a descriptor of exactly this process; `nil` when it has left the process table or its id belongs to
    /// another by now.
    private func openChecked() -> Int32? {
        let descriptor = collab_process_open(pid)
        guard descriptor >= 0 else { return nil }
        guard ProcessStat(pid: pid)?.startTime == startTime else {
            _ = Glibc.close(descriptor)
            return nil
        }
        return descriptor
    }
}

/// How a process ended.
package enum ProcessExit: Sendable, Equatable {
    /// A child of this process, with the status of wait(2); 0 is success.
    case status(Int32)
    /// Not a child of this process, or its status was collected before.
    case unknown
}

/// What a process does.
package enum ProcessCondition: Sendable {
    /// It can run.
    case alive
    /// It was stopped by a signal and can be continued.
    case stopped
    /// It has ended.
    case gone
}
