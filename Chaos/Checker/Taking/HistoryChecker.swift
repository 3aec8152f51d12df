internal import Delta

/// Decides which promises a history keeps.
///
/// It takes event by event and keeps what it needs: a bounded number of bytes for each operation, whoever was told of it
/// how often. What a history says at its end, the log, decides about what stands before; so most is judged in
/// ``finish()``. It is a value without clock, threads and randomness: the same history has the same report.
package struct HistoryChecker: Sendable {
    /// What a history cannot say by itself.
    package struct Settings: Hashable, Sendable {
        /// The longest gap that G10 allows; `nil`: gaps are measured, not judged.
        package var longestGapMicroseconds: Int64?
        /// How long a message may be on its way to a client. What comes later after a change of access is answered was
        /// sent after it; `nil`: only what cannot have been sent before is judged.
        package var deliveryMicroseconds: Int64?
        /// How long after a fault's end its effect on gaps is looked for.
        package var settleMicroseconds: Int64 = 2_000_000
        /// How many violations of a promise are kept as evidence.
        package var evidenceLimit = 100

        package init() {}
    }

    let settings: Settings
    var line = 1
    private(set) var now: Int64?
    private var startedAt: Int64 = 0
    var sessions: [SessionRecord] = []
    private var sessionIndex: [String: Int] = [:]
    var documents: [DocumentLedger] = []
    private var documentIndex: [String: Int] = [:]
    var requests: [String: AccessRequest] = [:]
    var meter: GapMeter
    var findings: Findings
    var counts = HistoryCounts()
    /// From an operation's first submission to its first ack.
    var latencies: [Int64] = []

    /// Makes a checker that has taken nothing.
    package init(settings: Settings = Settings()) {
        self.settings = settings
        meter = GapMeter(settle: settings.settleMicroseconds)
        findings = Findings(limit: settings.evidenceLimit)
    }

    /// Takes the next event.
    ///
    /// - Throws: ``HistoryFault``, when the history contradicts itself as a recording: it names what was not begun, or its
    ///   time runs backwards. Its line counts the events from 2 on, as in a file.
    package mutating func take(_ event: HistoryEvent) throws(HistoryFault) {
        line += 1
        counts.events += 1
        if let now {
            guard event.at >= now else {
                throw HistoryFault(line: line, .timeRunsBackwards(at: event.at, after: now))
            }
        } else {
            startedAt = event.at
        }
        now = event.at
        do throws(HistoryFault.Reason) {
            try take(event.kind, event.at)
        } catch {
            throw HistoryFault(line: line, error)
        }
    }

    /// Judges everything that was taken.
    package mutating func finish() -> HistoryReport {
        let end = now ?? 0
        counts.microseconds = end - startedAt
        let samples = meter.finish(at: end) { documents[$0].name }
        judgeGaps(samples)
        findings.examined(.g4, "sessions", sessions.count(where: \.isStarted))
        for document in documents {
            var judge = DocumentJudge(document, sessions: sessions, findings: findings)
            judge.judge()
            findings = judge.findings
        }
        return HistoryReport(
            counts: counts, verdicts: findings.verdicts, gaps: GapMeter.figures(samples), gapSamples: samples,
            latency: Percentiles(latencies))
    }

    private mutating func judgeGaps(_ samples: [GapSample]) {
        guard let longest = settings.longestGapMicroseconds else { return }
        findings.examined(.g10, "gaps", samples.count)
        for sample in samples where sample.microseconds > longest {
            findings.report(
                .gapTooLong,
                "\(sample.kind): \(sample.microseconds) µs without an ack\(sample.isOpen ? ", and no end" : "")"
                    + ", more than \(longest) µs",
                document: sample.document, lines: meter.lines(of: sample.fault))
        }
    }

    // MARK: Names

    mutating func add(_ document: DocumentLedger) throws(HistoryFault.Reason) {
        guard documentIndex[document.name] == nil else { throw .taken(what: "document", name: document.name) }
        documentIndex[document.name] = documents.count
        documents.append(document)
        counts.documents += 1
    }

    func document(_ name: String) throws(HistoryFault.Reason) -> Int {
        guard let index = documentIndex[name] else { throw .unknown(what: "document", name: name) }
        return index
    }

    mutating func add(_ session: SessionRecord) throws(HistoryFault.Reason) {
        guard sessionIndex[session.name] == nil else { throw .taken(what: "session", name: session.name) }
        sessionIndex[session.name] = sessions.count
        sessions.append(session)
        counts.sessions += 1
    }

    /// The index of a session that is open.
    func session(_ name: String) throws(HistoryFault.Reason) -> Int {
        guard let index = sessionIndex[name], sessions[index].isOpen else {
            throw .unknown(what: "open session", name: name)
        }
        return index
    }

    /// The index of a session that has had its first message.
    func startedSession(_ name: String) throws(HistoryFault.Reason) -> Int {
        let index = try session(name)
        guard sessions[index].isStarted else { throw .noFirstMessage(session: name) }
        return index
    }
}
