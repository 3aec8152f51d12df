import CollabModel
import JSON
import PeerProtocol
import RuntimePorts
import Testing

@testable import OperatorConsole

struct ConsoleMessageTests {
    private func picture(_ reports: [MemberReport], after: ClusterPicture? = nil) -> ClusterPicture {
        var picture = ClusterPicture(reports, after: after, atMilliseconds: 1_700)
        picture.setTitles([document(1): "A \"plan\""])
        return picture
    }

    @Test func `the state has everything under the names of the protocol`() throws {
        let message = ConsoleMessage.state(
            picture([
                answer(node(1), operations: 3, documents: [owned(1, operations: 1)]),
                answer(node(2), changes: [failover(1, epoch: 5)]),
                MemberReport(record: node(3), answer: .silent("refuses connections")),
            ]), cluster: "test", node: node(2).id)
        let json = try JSONValue(utf8: message)
        #expect(json["type"]?.string == "state")
        #expect(json["at"]?.int == 1_700)
        #expect(json["cluster"]?.string == "test")
        #expect(json["self"]?.string == "node-2")
        let nodes = try #require(json["nodes"]?.array)
        #expect(nodes.map { $0["state"]?.string } == ["active", "active", "silent"])
        #expect(nodes[0]["incarnation"]?.string == node(1).incarnation.description)
        #expect(nodes[0]["editsPerSecond"]?.number == 3)
        #expect(nodes[0]["processors"]?.number == 0.25)
        #expect(nodes[0]["memoryBytes"]?.int == 1 << 20)
        #expect(nodes[2]["editsPerSecond"]?.isNull == true)
        #expect(nodes[2]["message"]?.string == "refuses connections")
        let shown = try #require(json["documents"]?.array?.first)
        #expect(shown["id"]?.string == document(1).description)
        #expect(shown["title"]?.string == "A \"plan\"")
        #expect(shown["owner"]?.string == "node-1")
        #expect(shown["version"]?.int == 9)
        let move = try #require(json["moves"]?.array?.first)
        #expect(move["cause"]?.string == "refused")
        #expect(move["from"]?.string == "node-1")
        #expect(move["to"]?.string == "node-2")
        #expect(move["takeoverMicroseconds"]?.int == 12_000)
        #expect(move["gapMicroseconds"]?.isNull == true)
    }

    @Test func `changes have what changed and nothing else`() throws {
        let before = picture([
            answer(node(1), documents: [owned(1), owned(2)]), answer(node(2), changes: [failover(8, epoch: 2)]),
        ])
        let after = picture(
            [
                answer(node(1), operations: 1, documents: [owned(1), owned(3)]),
                answer(node(2), changes: [failover(8, epoch: 2), failover(9, epoch: 2)]),
            ], after: before)
        let json = try JSONValue(utf8: ConsoleMessage.changes(from: before, to: after))
        #expect(json["type"]?.string == "changes")
        #expect(json["nodes"]?.array?.map { $0["id"]?.string } == ["node-1"])
        #expect(json["documents"]?.array?.map { $0["id"]?.string } == [document(3).description])
        #expect(json["removedDocuments"]?.array?.map(\.string) == [document(2).description])
        #expect(json["removedNodes"]?.array?.isEmpty == true)
        #expect(json["moves"]?.array?.map { $0["document"]?.string } == [document(9).description])
    }

    @Test func `a move whose gap becomes known is sent again`() throws {
        let before = picture([answer(node(2), changes: [failover(1, epoch: 5)])])
        let gap = OwnerlessGap(document: document(1), lostEpoch: Epoch(4), microseconds: 70_000)
        let after = picture([answer(node(2), changes: [failover(1, epoch: 5)], gaps: [gap])], after: before)
        let json = try JSONValue(utf8: ConsoleMessage.changes(from: before, to: after))
        #expect(json["moves"]?.array?.map { $0["gapMicroseconds"]?.int } == [70_000])
    }

    @Test func `the whole state of the largest picture is below half a megabyte`() {
        let reports = (1...20).map { number in
            answer(
                node(number),
                documents: (0..<NodeReport.documentsAtMost).map { owned(UInt64(number * 1_000 + $0)) },
                changes: (0..<NodeReport.changesAtMost).map { failover(UInt64(number * 1_000 + $0), epoch: 2) })
        }
        var picture = ClusterPicture(reports, after: nil, atMilliseconds: 1)
        let title = String(repeating: "😀", count: 200)
        picture.setTitles(Dictionary(uniqueKeysWithValues: picture.documents.keys.map { ($0, title) }))
        #expect(ConsoleMessage.state(picture, cluster: "c", node: node(1).id).count < 1 << 19)
    }
}
