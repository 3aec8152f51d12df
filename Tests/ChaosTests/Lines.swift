import Synchronization

/// What a run tells while it goes.
final class Lines: Sendable {
    private let held = Mutex<[String]>([])
    func add(_ line: String) { held.withLock { $0.append(line) } }
    var all: [String] { held.withLock { $0 } }
}
