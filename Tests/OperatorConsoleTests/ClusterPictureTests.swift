import CollabModel
import PeerProtocol
import RuntimePorts
import Testing

@testable import OperatorConsole

struct ClusterPictureTests {
    @Test func `a count becomes a rate of the node's own window`() throws {
        let report = answer(node(1), window: 2_000, operations: 50, documents: [owned(1, operations: 30)])
        let picture = ClusterPicture([report], after: nil, atMilliseconds: 5)
        #expect(picture.nodes[node(1).id]?.editsPerSecond == 25)
        #expect(picture.nodes[node(1).id]?.processors == 0.125)
        #expect(picture.documents[document(1)]?.editsPerSecond == 15)
    }

    @Test func `without a window there is no rate, rather than none`() {
        let picture = ClusterPicture(
            [answer(node(1), window: 0, documents: [owned(1)])], after: nil, atMilliseconds: 5)
        #expect(picture.nodes[node(1).id]?.editsPerSecond == nil)
        #expect(picture.documents[document(1)]?.editsPerSecond == nil)
    }

    @Test func `a member that does not answer is silent since it first did not`() {
        let first = ClusterPicture([answer(node(1))], after: nil, atMilliseconds: 1_000)
        let silent = MemberReport(record: node(1), answer: .silent("does not answer in time"))
        let second = ClusterPicture([silent], after: first, atMilliseconds: 2_000)
        let third = ClusterPicture([silent], after: second, atMilliseconds: 3_000)
        let shown = third.nodes[node(1).id]
        #expect(shown?.condition == .silent)
        #expect(shown?.sinceMilliseconds == 2_000)
        #expect(shown?.message == "does not answer in time")
        #expect(shown?.startedAtMilliseconds == 500)
        #expect(shown?.editsPerSecond == nil)
        #expect(
            ClusterPicture([answer(node(1))], after: third, atMilliseconds: 4_000).nodes[node(1).id]?.condition
                == .active)
    }

    @Test func `a node that is no member any more is gone, is shown for a while, and comes back in a new life`() {
        let first = ClusterPicture([answer(node(1)), answer(node(2))], after: nil, atMilliseconds: 1_000)
        let second = ClusterPicture([answer(node(2))], after: first, atMilliseconds: 2_000)
        #expect(second.nodes[node(1).id]?.condition == .gone)
        #expect(second.nodes[node(1).id]?.sinceMilliseconds == 2_000)
        #expect(second.nodes[node(1).id]?.record.ownedDocuments == 0)
        let later = 2_000 + ClusterPicture.goneForMilliseconds
        #expect(ClusterPicture([answer(node(2))], after: second, atMilliseconds: later - 1).nodes.count == 2)
        #expect(ClusterPicture([answer(node(2))], after: second, atMilliseconds: later).nodes.count == 1)
        let back = ClusterPicture([answer(node(1, incarnation: 2))], after: second, atMilliseconds: 3_000)
        #expect(back.nodes[node(1).id]?.condition == .active)
        #expect(back.nodes[node(1).id]?.sinceMilliseconds == nil)
    }

    @Test func `of nodes that are gone only the latest are kept`() {
        let before = ClusterPicture((1...40).map { answer(node($0)) }, after: nil, atMilliseconds: 1)
        let picture = ClusterPicture([answer(node(1))], after: before, atMilliseconds: 2)
        #expect(picture.nodes.count == 1 + ClusterPicture.goneNodesAtMost)
    }

    @Test func `while a document changes hands it is at the later epoch's owner`() {
        for reports in [
            [answer(node(1), documents: [owned(1, epoch: 4)]), answer(node(2), documents: [owned(1, epoch: 5)])],
            [answer(node(2), documents: [owned(1, epoch: 5)]), answer(node(1), documents: [owned(1, epoch: 4)])],
        ] {
            #expect(
                ClusterPicture(reports, after: nil, atMilliseconds: 1).documents[document(1)]?.owner == node(2).id)
        }
    }

    @Test func `what a document got while it changed hands is counted by its versions`() {
        let before = ClusterPicture(
            [answer(node(1), operations: 5, documents: [owned(1, version: 20, operations: 5)]), answer(node(2))],
            after: nil, atMilliseconds: 1_000)
        let after = ClusterPicture(
            [
                answer(node(1)),
                answer(node(2), operations: 3, documents: [owned(1, epoch: 2, version: 26), owned(2, operations: 3)]),
            ],
            after: before, atMilliseconds: 3_000)
        #expect(after.documents[document(1)]?.editsPerSecond == 3)
        #expect(after.nodes[node(2).id]?.editsPerSecond == 6)
        #expect(after.nodes[node(1).id]?.editsPerSecond == 0)
    }

    @Test func `of too many documents the busiest are shown`() {
        let reports = (1...3).map { number in
            answer(
                node(number),
                documents: (0..<100).map { owned(UInt64(number * 1_000 + $0), operations: number == 2 ? 0 : 1 + $0) })
        }
        let picture = ClusterPicture(reports, after: nil, atMilliseconds: 1)
        #expect(picture.documents.count == ClusterPicture.documentsAtMost)
        #expect(picture.documents[document(2_000)] == nil)
        #expect(picture.documents[document(1_099)] != nil)
        #expect(picture.documents[document(3_000)] != nil)
    }

    @Test func `a failover has the longest time that sessions were without an owner, told by whichever node`() {
        let gap = { OwnerlessGap(document: document(1), lostEpoch: Epoch(4), microseconds: $0) }
        let reports = [
            answer(node(2), changes: [failover(1, epoch: 5)], gaps: [gap(80_000)]),
            answer(
                node(3), gaps: [gap(90_000), OwnerlessGap(document: document(1), lostEpoch: Epoch(9), microseconds: 1)]),
        ]
        let picture = ClusterPicture(reports, after: nil, atMilliseconds: 1)
        #expect(picture.moves.count == 1)
        #expect(picture.moves.first?.gapMicroseconds == 90_000)
    }

    @Test func `moves are remembered when the node that told them is gone, the latest of them, and openings are none`()
    {
        let opened = OwnershipChange(
            document: document(1), epoch: Epoch(1), version: .initial, cause: .opened, from: nil, to: node(2).id,
            atMilliseconds: 1, takeoverMicroseconds: 1)
        let many = (1...150).map { failover(UInt64($0), epoch: 2, at: Int64($0)) }
        let first = ClusterPicture([answer(node(2), changes: [opened] + many)], after: nil, atMilliseconds: 1)
        #expect(first.moves.count == 150)
        let more = (151...300).map { failover(UInt64($0), epoch: 2, at: Int64($0)) }
        let second = ClusterPicture([answer(node(3), changes: more)], after: first, atMilliseconds: 2)
        #expect(second.moves.count == ClusterPicture.movesAtMost)
        #expect(second.moves.first?.change.document == document(101))
        #expect(second.moves.last?.change.document == document(300))
    }
}
