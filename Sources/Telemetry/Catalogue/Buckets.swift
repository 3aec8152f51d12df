/// The bounds of the histograms.
///
/// Latencies are in milliseconds. They contain the reference document's bounds and finer ones below, because an
/// acknowledgement is expected within a few milliseconds and a quantile is only as exact as its bucket.
enum Buckets {
    /// Acknowledgements, lag, appends.
    static let latency: [Double] = [
        0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 25, 50, 100, 250, 500, 1000, 2500, 5000,
    ]
    /// Transforming: mostly microseconds.
    static let transform: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50]
    /// The stages of an operation's way: from microseconds for transforming to what a slow disk takes.
    static let stage: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000,
    ]
    /// What interrupts editing: failover, handoff, activation, snapshots.
    static let interruption: [Double] = [
        1, 2, 5, 10, 20, 30, 40, 50, 75, 100, 150, 250, 500, 1000, 2000, 3000, 5000, 10_000, 30_000,
    ]
    /// Messages to the broker: the reference document's bounds with finer and longer ones.
    static let publish: [Double] = [0.5, 1, 2, 3, 5, 10, 25, 50, 100, 250, 1000, 5000]
    /// How many things were done at once.
    static let sizes: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096]
    /// Connections, in seconds: the reference document's bounds with shorter ones.
    static let connection: [Double] = [1, 10, 60, 300, 900, 1800, 3600, 14_400]
}
