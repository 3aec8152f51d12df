internal import RuntimePorts
internal import Synchronization

/// What the connection is doing, for whoever asks.
final class LinkPhase: Sendable {
    private let phase = Mutex(DependencyLinks.Phase.waiting)

    func set(_ phase: DependencyLinks.Phase) { self.phase.withLock { $0 = phase } }

    var links: DependencyLinks { DependencyLinks([phase.withLock { $0 }]) }
}
