/// A machine on the network, and what runs on it at present.
final class SimulatedHost {
    let number: Int
    let name: String
    /// What a packet takes from here to the middle of the network, in microseconds.
    let distance: ClosedRange<Int64>
    /// What runs here and takes connections; `nil`: nobody listens, who dials is refused.
    var process: SimulatedProcess?
    /// Without power nothing answers, not even that nobody listens.
    var isUp = true
    /// Of the node's process that runs here.
    var transport: SimulatedPeerTransport?
    /// Is given each connection that is accepted.
    var accept: ((SimulatedConnection) -> Void)?

    init(number: Int, name: String, distance: ClosedRange<Int64>) {
        self.number = number
        self.name = name
        self.distance = distance
    }
}
