import ClusterCore
import CollabModel
package import PeerProtocol
package import RuntimePorts

extension ClusterNode: ClusterReports {
    /// What this node says of itself.
    func report(_ query: ReportQuery) -> NodeReport {
        let activity = sampler.look {
            directory.activeOwners.map { owner in
                let figures = owner.currentFigures
                return ActivitySampler.Figure(
                    document: owner.document, epoch: owner.epoch, version: figures.version,
                    sessions: figures.sessions)
            }
        }
        let (changes, gaps) = services.changes.recall(query.history)
        return NodeReport(
            record: services.membership.record, startedAtMilliseconds: sampler.startedAtMilliseconds,
            windowMilliseconds: activity.windowMilliseconds, operations: activity.operations,
            processorMicroseconds: activity.processorMicroseconds, residentBytes: activity.residentBytes,
            documents: Array(activity.documents.prefix(max(0, query.documents))), changes: changes, gaps: gaps)
    }

    package func reports(_ query: ReportQuery, within timeout: Duration) async -> [MemberReport] {
        let own = services.membership.identity
        return await withTaskGroup(of: MemberReport.self) { group in
            for member in services.membership.view.members {
                if member.identity == own {
                    group.addTask { MemberReport(record: member, answer: .report(self.report(query))) }
                    continue
                }
                group.addTask { [services] in
                    do throws(PeerFailure) {
                        let response = try await services.transport.request(
                            .report(query), to: member.peerAddress, timeout: timeout)
                        guard case .report(let report) = response else {
                            return MemberReport(record: member, answer: .silent("does not report"))
                        }
                        return MemberReport(record: member, answer: .report(report))
                    } catch {
                        return MemberReport(record: member, answer: .silent(error.words))
                    }
                }
            }
            var reports: [MemberReport] = []
            for await report in group { reports.append(report) }
            return reports.sorted { $0.record.id < $1.record.id }
        }
    }
}

extension PeerFailure {
    /// For an operator.
    fileprivate var words: String {
        switch self {
        case .refused: "refuses connections"
        case .silent: "does not answer in time"
        case .closed: "closed the connection"
        case .overflow: "takes no more requests"
        case .version(let theirs): "speaks version \(theirs) between nodes"
        case .protocolError: "does not understand the question"
        }
    }
}
