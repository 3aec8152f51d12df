internal import Synchronization

/// What a fault has imposed and will lift.
final class Impositions: Sendable {
    private let held = Mutex<[FaultProxy.Imposition]>([])
    func add(_ imposition: FaultProxy.Imposition) { held.withLock { $0.append(imposition) } }
    var all: [FaultProxy.Imposition] { held.withLock { $0 } }
}
