import RuntimePorts
import Synchronization

/// A clock that stands still until a test moves it; a sleep moves it as well.
final class ManualClock: RuntimeClock {
    private let microseconds = Mutex<Int64>(1_000_000)

    func monotonicMicroseconds() -> Int64 { microseconds.withLock { $0 } }
    func wallMicroseconds() -> Int64 { microseconds.withLock { $0 } }
    func sleep(for duration: Duration) async throws { advance(milliseconds: Int(duration / .milliseconds(1))) }
    func advance(milliseconds: Int) { microseconds.withLock { $0 += Int64(milliseconds) * 1_000 } }
}
