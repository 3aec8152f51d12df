import NIOCore

/// The longest time in which nothing was acknowledged to anybody (guarantees.md, "Gap").
struct AckGap: CustomStringConvertible {
    let milliseconds: Double
    /// Acks that were counted.
    let acks: Int

    /// Measures over editors that have kept their connection, from `start` on.
    init(of editors: [Editor], since start: NIODeadline) {
        let records = editors.map(\.record.now).filter(\.disconnections.isEmpty)
        let times = records.flatMap(\.ackTimes).filter { $0 >= start }.sorted()
        acks = times.count
        let gaps = zip([start] + times, times).map { ($1 - $0).nanoseconds }
        milliseconds = gaps.max().map { Double($0) / 1e6 } ?? .infinity
    }

    var description: String { "\((milliseconds * 10).rounded() / 10) ms over \(acks) acks" }
}
