/// Measures gaps (guarantees.md, "Gap"): how long no session on a surviving node was acknowledged anything.
///
/// A gap runs only while such a session waits for an answer: from the last ack, or from the first submission after it,
/// to the next ack. It belongs to every fault in whose window it began. A window goes from the fault's beginning to a
/// while after its end, but not past the beginning of the next fault.
struct GapMeter: Sendable {
    /// What one document's sessions on one node wait for.
    private struct Load: Sendable {
        var waiting = 0
        var waitingSince: Int64 = 0
        var acknowledgedAt = Int64.min
    }

    /// A fault whose effect on one document may not be over.
    private struct OpenGap: Sendable {
        let fault: Int
        var longest: Int64?
    }

    private struct Meter: Sendable {
        /// By the index of the node.
        var loads: [Load] = []
        var open: [OpenGap]
    }

    private struct Window: Sendable {
        let name: String
        let kind: String
        let targets: [Int]
        var until = Int64.max
        var lines: [Int]
        var isEnded = false
    }

    private let settle: Int64
    private var nodes: [String?: Int] = [:]
    private var windows: [Window] = []
    private var windowIndex: [String: Int] = [:]
    /// The fault that began last: only its window may still be open.
    private var recent: [Int] = []
    /// By the index of the document.
    private var meters: [Meter] = []
    private var samples: [GapSample] = []
    private var sampleDocuments: [Int] = []

    init(settle: Int64) { self.settle = settle }

    /// The index of a node; sessions of which it is not known are on a node that nothing is done to.
    mutating func node(_ name: String?) -> Int {
        if let index = nodes[name] { return index }
        let index = nodes.count
        nodes[name] = index
        return index
    }

    func lines(of fault: String) -> [Int] { windowIndex[fault].map { windows[$0].lines } ?? [] }

    /// Begins a fault; `false`: there has been one of this name.
    mutating func begin(_ fault: HistoryEvent.Fault, at: Int64, line: Int) -> Bool {
        guard windowIndex[fault.fault] == nil else { return false }
        for index in recent { windows[index].until = min(windows[index].until, at) }
        let index = windows.count
        recent = [index]
        windowIndex[fault.fault] = index
        let targets = fault.targets.map { node($0) }
        windows.append(Window(name: fault.fault, kind: fault.kind, targets: targets, lines: [line]))
        for document in meters.indices { meters[document].open.append(OpenGap(fault: index)) }
        return true
    }

    /// Ends a fault; `false`: there is none of this name.
    mutating func end(_ fault: String, at: Int64, line: Int) -> Bool {
        guard let index = windowIndex[fault], !windows[index].isEnded else { return false }
        windows[index].isEnded = true
        windows[index].lines.append(line)
        windows[index].until = min(windows[index].until, at + settle)
        return true
    }

    mutating func submit(document: Int, node: Int, at: Int64) {
        prepare(document, node)
        if meters[document].loads[node].waiting == 0 { meters[document].loads[node].waitingSince = at }
        meters[document].loads[node].waiting += 1
    }

    /// Takes back a submission that will not be acknowledged, or not in this session.
    mutating func withdraw(document: Int, node: Int) {
        prepare(document, node)
        meters[document].loads[node].waiting -= 1
    }

    mutating func acknowledge(document: Int, node: Int, at: Int64) {
        prepare(document, node)
        for index in meters[document].open.indices.reversed() {
            let window = windows[meters[document].open[index].fault]
            guard !window.targets.contains(node) else { continue }
            measure(document, index, window, at)
            if at >= window.until { close(document, index, isOpen: false) }
        }
        meters[document].loads[node].waiting -= 1
        meters[document].loads[node].acknowledgedAt = at
    }

    /// Closes everything; `name` gives the name of a document.
    mutating func finish(at: Int64, _ name: (Int) -> String) -> [GapSample] {
        for document in meters.indices {
            for index in meters[document].open.indices.reversed() {
                let window = windows[meters[document].open[index].fault]
                let isOpen = measure(document, index, window, at)
                close(document, index, isOpen: isOpen)
            }
        }
        for index in samples.indices { samples[index].document = name(sampleDocuments[index]) }
        return samples
    }

    /// The figures of samples by kind.
    static func figures(_ samples: [GapSample]) -> [GapFigures] {
        Dictionary(grouping: samples, by: \.kind).sorted { $0.key < $1.key }.map { kind, samples in
            GapFigures(
                kind: kind, faults: Set(samples.map(\.fault)).count,
                microseconds: Percentiles(samples.map(\.microseconds)), open: samples.count(where: \.isOpen))
        }
    }

    // MARK: Parts

    private mutating func prepare(_ document: Int, _ node: Int) {
        // Load that begins during a fault is under it.
        while meters.count <= document { meters.append(Meter(open: recent.map { OpenGap(fault: $0) })) }
        while meters[document].loads.count <= node { meters[document].loads.append(Load()) }
    }

    /// Measures the gap that ends now; says whether there was one.
    @discardableResult
    private mutating func measure(_ document: Int, _ index: Int, _ window: Window, _ at: Int64) -> Bool {
        var acknowledgedAt = Int64.min
        var waitingSince = Int64.max
        for (node, load) in meters[document].loads.enumerated() where !window.targets.contains(node) {
            acknowledgedAt = max(acknowledgedAt, load.acknowledgedAt)
            if load.waiting > 0 { waitingSince = min(waitingSince, load.waitingSince) }
        }
        guard waitingSince < .max else { return false }
        let since = max(acknowledgedAt, waitingSince)
        guard since < window.until else { return false }
        let longest = meters[document].open[index].longest ?? 0
        meters[document].open[index].longest = max(longest, at - since)
        return true
    }

    private mutating func close(_ document: Int, _ index: Int, isOpen: Bool) {
        let gap = meters[document].open.remove(at: index)
        guard let longest = gap.longest else { return }
        let window = windows[gap.fault]
        samples.append(
            GapSample(
                fault: window.name, kind: window.kind, document: "", microseconds: longest, isOpen: isOpen))
        sampleDocuments.append(document)
    }
}
