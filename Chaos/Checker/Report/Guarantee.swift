/// The promises by their numbers (guarantees.md).
package enum Guarantee: Int, Hashable, Sendable, CaseIterable, Comparable {
    case g1 = 1
    case g2, g3, g4, g5, g6, g7, g8, g9, g10

    /// The name in guarantees.md.
    package var name: String {
        switch self {
        case .g1: "Durable"
        case .g2: "No phantom"
        case .g3: "Exactly once"
        case .g4: "One order"
        case .g5: "One writer"
        case .g6: "Convergence"
        case .g7: "Intention"
        case .g8: "Fail closed"
        case .g9: "Authority"
        case .g10: "Bounded"
        }
    }

    /// What no history can decide about it.
    package var blindness: String? {
        switch self {
        case .g1: "an ack before its commit is seen only where it is lost, or where rows say when they committed"
        case .g2: "a broadcast before its commit is seen only as an ack is"
        case .g5: "an append that was refused leaves no trace; only those that should have been do"
        case .g8: "a snapshot that was set aside is seen only by the content that was told"
        case .g9: "what was on its way when a change was answered is judged only with a bound for delivery"
        case .g10: "queues, buffers and caches are not seen: only the gaps, against a bound that is given"
        case .g3, .g4, .g6, .g7: nil
        }
    }

    package static func < (left: Guarantee, right: Guarantee) -> Bool { left.rawValue < right.rawValue }
}

extension Guarantee: CustomStringConvertible {
    package var description: String { "G\(rawValue)" }
}
