internal import Glibc
package import HistoryChecker
internal import NIOCore
internal import Synchronization

/// Writes down what is seen, from any thread, into one file.
///
/// One lock orders everything: the clock is read inside it, so that times never run backwards (HISTORY.md).
package final class HistoryRecorder: Sendable {
    private struct State {
        var encoder: HistoryEncoder
        var descriptor: Int32
        var failure: ScenarioError?
        var events = 0
    }
    private let state: Mutex<State>
    /// The file.
    package let path: String
    private static let batchBytes = 256 << 10

    /// Begins a history in a new file.
    ///
    /// - Throws: ``ScenarioError`` when the file cannot be made.
    package init(path: String) throws(ScenarioError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ScenarioError("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        self.path = path
        state = Mutex(State(encoder: HistoryEncoder(recorder: "collab chaos"), descriptor: descriptor))
    }

    deinit { state.withLock { if $0.descriptor >= 0 { _ = Glibc.close($0.descriptor) } } }

    /// The time now, on the clock of the history.
    package static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000) }

    /// How many events there are.
    package var eventCount: Int { state.withLock { $0.events } }

    /// Writes an event down and returns its time.
    @discardableResult
    package func record(_ kind: HistoryEvent.Kind) -> Int64 {
        state.withLock { state in
            let now = Self.now
            state.encoder.append(HistoryEvent(at: now, kind))
            state.events += 1
            if state.encoder.count >= Self.batchBytes { Self.flush(&state) }
            return now
        }
    }

    /// Ends the file.
    ///
    /// - Throws: ``ScenarioError`` when something could not be written: the history is then of no use.
    package func close() throws(ScenarioError) {
        let failure = state.withLock { state in
            Self.flush(&state)
            if state.descriptor >= 0 { _ = Glibc.close(state.descriptor) }
            state.descriptor = -1
            return state.failure
        }
        if let failure { throw failure }
    }

    private static func flush(_ state: inout State) {
        let bytes = state.encoder.take()
        guard state.descriptor >= 0, state.failure == nil else { return }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(state.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                state.failure = ScenarioError("the history cannot be written: \(String(cString: strerror(errno)))")
                return
            }
            written += max(0, count)
        }
    }
}
