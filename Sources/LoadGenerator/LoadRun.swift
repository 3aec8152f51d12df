import CollabModel
import Delta
import EditingTraces
import NIOCore
import NIOPosix

/// Runs a load: makes the documents, opens the sessions, types, measures, waits until everybody has everything, and
/// compares the editors with the log.
package struct LoadRun: Sendable {
    private let plan: LoadPlan
    private let tell: @Sendable (String) -> Void
    private let api: NodeAPI

    /// - Parameter tell: takes lines about how the load goes.
    package init(_ plan: LoadPlan, tell: @escaping @Sendable (String) -> Void = { _ in }) {
        self.plan = plan
        self.tell = tell
        api = NodeAPI(urls: plan.urls, token: plan.token)
    }

    /// Runs it.
    ///
    /// - Throws: ``LoadError``, or what ended the opening of a session. What goes wrong later is in the report.
    package func run() async throws -> LoadReport {
        let trace: EditingTrace?
        do {
            guard !plan.urls.isEmpty, plan.editors > 0, plan.rate >= 0 else {
                throw LoadError("a load needs a node, an editor and a rate")
            }
            trace = try plan.trace.map { try EditingTrace(contentsOfFile: $0) }
        } catch {
            await api.close()
            throw error
        }
        var plan = plan
        if let trace {
            plan.typists = (trace.agents ?? 1) * max(1, plan.existing.isEmpty ? plan.documents : plan.existing.count)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, plan.threads))
        do {
            let report = try await run(plan, trace, Array(group.makeIterator()))
            await api.close()
            try await group.shutdownGracefully()
            return report
        } catch {
            await api.close()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func run(
        _ plan: LoadPlan, _ trace: EditingTrace?, _ loops: [any EventLoop]
    ) async throws -> LoadReport {
        let documents = try await openDocuments(plan, trace)
        let fleet = try await LoadFleet(plan: plan, documents: documents, trace: trace, loops: loops)
        do {
            do {
                try await fleet.open(
                    atOnce: plan.openAtOnce, within: .milliseconds(Int64(plan.openWithin * 1_000)),
                    progress: { tell("opened \($0) sessions") })
            } catch {
                let reasons = fleet.recorders.flatMap { $0.reasons.keys.sorted().prefix(3) }.joined(separator: "; ")
                throw LoadError("a session could not be opened: \(error); \(reasons)")
            }
            let names =
                documents.count > 3
                ? "\(documents.count) documents" : documents.map(\.id.description).joined(separator: ", ")
            tell("\(plan.editors) editors, \(plan.typing) of them typing, are connected to \(names)")
            var report = LoadReport(plan: plan)
            report.documents = documents.map(\.id)
            let measurement = LoadMeasurement(fleet: fleet, plan: plan, tell: tell)
            if let ramp = plan.ramp {
                try await measurement.ramp(ramp, into: &report)
            } else {
                try await measurement.run(into: &report)
            }
            tell("waiting until every edit is durable and with everybody")
            let late = try await fleet.settle(within: .milliseconds(Int64(plan.settleWithin * 1_000)))
            measurement.finish(into: &report)
            try await judge(fleet, late, trace, into: &report)
            try await fleet.leave()
            return report
        } catch {
            try? await fleet.leave()
            throw error
        }
    }

    private func openDocuments(_ plan: LoadPlan, _ trace: EditingTrace?) async throws -> [LoadedDocument] {
        var ids = plan.existing
        if ids.isEmpty {
            var content: DocumentContent?
            if let trace {
                var start = Delta()
                start.insert(trace.startContent)
                start.insert("\n")
                content = try DocumentContent(start)
            } else if plan.characters > 0 {
                content = try DocumentContent.shaped(characters: plan.characters, runs: plan.runs)
            }
            for index in 0..<max(1, plan.documents) {
                ids.append(try await api.create(title: "Load \(index + 1)", content: content))
            }
        }
        var documents: [LoadedDocument] = []
        for id in ids {
            let (version, content) = try await api.content(of: id)
            documents.append(
                LoadedDocument(id: id, version: version, content: content, ledger: DocumentLedger(after: version)))
        }
        return documents
    }

    /// Compares every document's log with what its editors were told and hold.
    private func judge(
        _ fleet: LoadFleet, _ late: [String], _ trace: EditingTrace?, into report: inout LoadReport
    ) async throws {
        var findings = AuditFindings()
        for difference in late { findings.note(difference) }
        for (index, document) in fleet.documents.enumerated() {
            let (holdings, clients) = try await fleet.holdings(of: index)
            var audit = LogAudit(
                content: document.content, version: document.version, submitted: document.ledger.operations,
                clients: clients, holdings: holdings)
            while true {
                let page = try await api.operations(of: document.id, after: audit.version)
                guard !page.isEmpty else { break }
                for row in page { audit.take(row) }
            }
            let found = audit.finish()
            if let trace, !trace.isConcurrent, document.version == .initial {
                var end = Delta()
                end.insert(trace.endContent)
                end.insert("\n")
                let matches = try DocumentContent(end).text == found.finalText
                report.matchesTrace = (report.matchesTrace ?? true) && matches
            }
            findings.add(found)
        }
        report.lost = findings.lost
        report.doubled = findings.doubled
        report.converged = findings.converged
        report.differences = findings.differences
        for recorder in fleet.recorders { report.reasons.merge(recorder.reasons, uniquingKeysWith: +) }
    }
}
