import ClusterCore
import CollabModel
import RuntimePorts
import RuntimeTesting
import Testing

@testable import ClusterRuntime

@Suite("Who publishes a document that is behind")
struct PublishingDutyTests {
    private let names = ["a", "b", "c"]
    private let view: MembershipView
    private let document = DocumentID(Identifier128(high: 7, low: 7))

    init() throws {
        view = MembershipView(
            members: try ["a", "b", "c"].map { name in
                NodeRecord(
                    id: try #require(NodeID(name)), incarnation: Incarnation(1),
                    peerAddress: SampleDocument.address, publicURL: "http://127.0.0.1:3001")
            })
    }

    private func identity(_ name: String, _ incarnation: Int64 = 1) throws -> NodeIdentity {
        NodeIdentity(node: try #require(NodeID(name)), incarnation: Incarnation(incarnation))
    }

    /// The names in the order in which they would have the document.
    private var places: [String] {
        var passed: Set<NodeID> = []
        var order: [String] = []
        while let next = view.placement(of: document, excluding: passed) {
            order.append(next.id.text)
            passed.insert(next.id)
        }
        return order
    }

    /// Who covers the document in each of several looks, a patience apart.
    private func covering(
        owner: NodeIdentity?, published: [Int64], trusted: Bool = true, canPublish: Bool = true
    ) throws -> [[String]] {
        var duties = try names.map { ($0, PublishingDuty(try identity($0), patience: 1_000, capacity: 10)) }
        return published.enumerated().map { look, version in
            duties.indices.compactMap { index in
                duties[index].1.begin(canPublish: canPublish)
                let behind = UnpublishedDocument(
                    document: document, head: Version(100), published: Version(version), owner: owner)
                let covers = duties[index].1.covers(
                    behind, in: view, trustsAbsence: trusted, now: Int64(look) * 1_000)
                return covers == true ? duties[index].0 : nil
            }
        }
    }

    @Test("its owner, as long as its position moves")
    func owner() throws {
        for name in names {
            #expect(try covering(owner: identity(name), published: [1, 2, 3, 4]) == Array(repeating: [name], count: 4))
        }
    }

    @Test("the node where it has its place, when its owner is gone or lives another life")
    func gone() throws {
        let place = try #require(places.first)
        #expect(try covering(owner: identity("z"), published: [1, 2]) == [[place], [place]])
        #expect(try covering(owner: identity(place, 9), published: [1, 2]) == [[place], [place]])
        #expect(try covering(owner: nil, published: [1]) == [[place]])
    }

    @Test("nobody yet, when it cannot be known that its owner is gone")
    func uncertain() throws {
        #expect(try covering(owner: identity("z"), published: [1, 1], trusted: false) == [[], []])
        var duty = PublishingDuty(try identity("a"), patience: 1_000, capacity: 10)
        duty.begin(canPublish: true)
        let behind = UnpublishedDocument(
            document: document, head: Version(2), published: .initial, owner: try identity("z"))
        #expect(duty.covers(behind, in: view, trustsAbsence: false, now: 0) == nil)
    }

    @Test("one after the other besides its owner, when its position does not move")
    func stuck() throws {
        let owner = try #require(places.first)
        let withOther = places.dropFirst().map { [owner, $0].sorted() }
        let seen = try covering(owner: identity(owner), published: [5, 5, 5, 6, 6])
        #expect(seen == [[owner], withOther[0], withOther[1], [owner], withOther[0]])
    }

    @Test("one after the other, when its owner is gone and its position does not move")
    func stuckWithoutOwner() throws {
        #expect(try covering(owner: identity("z"), published: [5, 5, 5, 5]) == places.map { [$0] } + [[places[2]]])
    }

    @Test("nobody besides its owner, when nobody may reach the broker")
    func outage() throws {
        let owner = try #require(places.first)
        let seen = try covering(owner: identity(owner), published: [5, 5, 5], canPublish: false)
        #expect(seen == Array(repeating: [owner], count: 3))
    }
}
