import CollabModel
import JSON
import PeerProtocol
import RuntimePorts

/// A document's past for an operator: what the log has, joined with what the nodes remember.
struct TimelineView {
    /// One epoch; of the log's side and the nodes' either may be missing.
    struct Chapter {
        var epoch: Epoch
        var record: EpochRecord?
        var change: OwnershipChange?
        var owner: NodeID?
        var sinceMilliseconds: Int64?
        var gapMicroseconds: Int64?
    }

    let document: DocumentID
    let timeline: DocumentTimeline
    /// Who owns it now.
    let owner: NodeID?
    /// The newest first.
    let chapters: [Chapter]

    init(_ document: DocumentID, _ timeline: DocumentTimeline, owner: NodeID?, _ reports: [MemberReport]) {
        self.document = document
        self.timeline = timeline
        self.owner = owner
        var chapters: [Epoch: Chapter] = [:]
        for record in timeline.epochs {
            chapters[record.epoch, default: Chapter(epoch: record.epoch)].record = record
        }
        for case .report(let report) in reports.map(\.answer) {
            for change in report.changes where change.document == document {
                chapters[change.epoch, default: Chapter(epoch: change.epoch)].change = change
                chapters[change.epoch]?.owner = change.to
                chapters[change.epoch]?.sinceMilliseconds = change.atMilliseconds
            }
        }
        for case .report(let report) in reports.map(\.answer) {
            for gap in report.gaps where gap.document == document {
                guard let known = chapters[gap.lostEpoch.next]?.change, known.cause != .opened else { continue }
                let longest = max(gap.microseconds, chapters[known.epoch]?.gapMicroseconds ?? 0)
                chapters[known.epoch]?.gapMicroseconds = longest
            }
        }
        if let identity = timeline.owner {
            chapters[timeline.epoch, default: Chapter(epoch: timeline.epoch)].owner = identity.node
            chapters[timeline.epoch]?.sinceMilliseconds = timeline.ownedSinceMilliseconds
        }
        // Whoever took a document over knows from whom, also when that node is gone with all that it remembered.
        for change in chapters.values.compactMap(\.change) {
            guard let before = chapters.keys.filter({ $0 < change.epoch }).max(), before.next == change.epoch else {
                continue
            }
            if chapters[before]?.owner == nil { chapters[before]?.owner = change.from }
        }
        self.chapters = chapters.values.sorted { $0.epoch > $1.epoch }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("document")
        writer.string(document.description)
        writer.key("title")
        writer.string(timeline.title)
        writer.key("createdAt")
        writer.string(Timestamp.text(milliseconds: timeline.createdAtMilliseconds))
        writer.key("owner")
        writer.string(orNull: owner?.text)
        writer.key("epoch")
        writer.int(timeline.epoch.value)
        writer.key("version")
        writer.int(timeline.version.value)
        writer.key("epochs")
        writer.beginArray()
        for chapter in chapters { Self.write(chapter, to: &writer) }
        writer.endArray()
        writer.key("snapshots")
        writer.beginArray()
        for snapshot in timeline.snapshots {
            writer.beginObject()
            writer.key("version")
            writer.int(snapshot.version.value)
            writer.key("at")
            writer.string(Timestamp.text(milliseconds: snapshot.createdAtMilliseconds))
            writer.key("setAside")
            writer.string(orNull: snapshot.setAsideReason)
            writer.endObject()
        }
        writer.endArray()
        writer.key("activity")
        if let activity = timeline.activity { Self.write(activity, to: &writer) } else { writer.null() }
        writer.endObject()
    }

    private static func write(_ chapter: Chapter, to writer: inout JSONWriter) {
        func time(_ milliseconds: Int64?) {
            writer.string(orNull: milliseconds.map { Timestamp.text(milliseconds: $0) })
        }
        writer.beginObject()
        writer.key("epoch")
        writer.int(chapter.epoch.value)
        writer.key("owner")
        writer.string(orNull: chapter.owner?.text)
        writer.key("since")
        time(chapter.sinceMilliseconds)
        writer.key("cause")
        writer.string(orNull: chapter.change?.cause.word)
        writer.key("from")
        writer.string(orNull: chapter.change?.from?.text)
        writer.key("takeoverMicroseconds")
        writer.int(orNull: chapter.change?.takeoverMicroseconds)
        writer.key("gapMicroseconds")
        writer.int(orNull: chapter.gapMicroseconds)
        writer.key("firstVersion")
        writer.int(orNull: chapter.record?.firstVersion.value)
        writer.key("lastVersion")
        writer.int(orNull: chapter.record?.lastVersion.value)
        writer.key("firstAt")
        time(chapter.record?.firstAtMilliseconds)
        writer.key("lastAt")
        time(chapter.record?.lastAtMilliseconds)
        writer.endObject()
    }

    private static func write(_ activity: ActivityRecord, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("from")
        writer.string(Timestamp.text(milliseconds: activity.fromMilliseconds))
        writer.key("stepMilliseconds")
        writer.int(activity.stepMilliseconds)
        writer.key("operations")
        writer.beginArray()
        for count in activity.operations { writer.int(count) }
        writer.endArray()
        writer.endObject()
    }
}
