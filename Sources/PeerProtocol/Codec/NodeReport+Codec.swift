internal import CollabModel

extension PeerWriter {
    mutating func query(_ query: ReportQuery) {
        integer(query.documents)
        optional(query.history) { $0.document($1) }
    }

    mutating func report(_ report: NodeReport) {
        record(report.record)
        signed(report.startedAtMilliseconds)
        integer(report.windowMilliseconds)
        integer(report.operations)
        signed(report.processorMicroseconds)
        signed(report.residentBytes)
        array(report.documents) { writer, each in
            writer.document(each.document)
            writer.epoch(each.epoch)
            writer.version(each.version)
            writer.integer(each.sessions)
            writer.integer(each.operations)
        }
        array(report.changes) { $0.change($1) }
        array(report.gaps) { writer, gap in
            writer.document(gap.document)
            writer.epoch(gap.lostEpoch)
            writer.signed(gap.microseconds)
        }
    }

    private mutating func change(_ change: OwnershipChange) {
        document(change.document)
        epoch(change.epoch)
        version(change.version)
        byte(change.cause.rawValue)
        optional(change.from) { $0.node($1) }
        node(change.to)
        signed(change.atMilliseconds)
        signed(change.takeoverMicroseconds)
    }
}

extension PeerReader {
    mutating func query() throws(PeerCodecError) -> ReportQuery {
        ReportQuery(
            documents: try integer(),
            history: try optional { (reader: inout PeerReader) throws(PeerCodecError) in try reader.document() })
    }

    mutating func report() throws(PeerCodecError) -> NodeReport {
        NodeReport(
            record: try record(), startedAtMilliseconds: try signed(), windowMilliseconds: try integer(),
            operations: try integer(), processorMicroseconds: try signed(), residentBytes: try signed(),
            documents: try array(minimumBytes: 20) { (reader: inout PeerReader) throws(PeerCodecError) in
                NodeReport.Document(
                    document: try reader.document(), epoch: try reader.epoch(), version: try reader.version(),
                    sessions: try reader.integer(), operations: try reader.integer())
            },
            changes: try array(minimumBytes: 24) { (reader: inout PeerReader) throws(PeerCodecError) in
                try reader.change()
            },
            gaps: try array(minimumBytes: 18) { (reader: inout PeerReader) throws(PeerCodecError) in
                OwnerlessGap(
                    document: try reader.document(), lostEpoch: try reader.epoch(), microseconds: try reader.signed())
            })
    }

    private mutating func change() throws(PeerCodecError) -> OwnershipChange {
        let (document, epoch, version) = (try document(), try epoch(), try version())
        let tag = try byte()
        guard let cause = OwnershipChange.Cause(rawValue: tag) else { throw .unknownCase("a cause", tag) }
        return OwnershipChange(
            document: document, epoch: epoch, version: version, cause: cause,
            from: try optional { (reader: inout PeerReader) throws(PeerCodecError) in try reader.node() },
            to: try node(), atMilliseconds: try signed(), takeoverMicroseconds: try signed())
    }
}
