import ClusterCore
import CollabModel
import Testing

@Suite struct PlacementTests {
    @Test func everyNodeAgreesWhateverTheOrderOfItsView() {
        let members = (1...5).map { node($0) }
        let one = MembershipView(members: members)
        let other = MembershipView(members: members.reversed())
        for document in documents(500, seed: 1) {
            #expect(one.placement(of: document)?.id == other.placement(of: document)?.id)
        }
    }

    @Test func aNodeThatLeavesMovesOnlyItsOwnDocuments() {
        let before = MembershipView(members: (1...5).map { node($0) })
        let after = MembershipView(members: (1...4).map { node($0) })
        for document in documents(2_000, seed: 2) {
            let place = before.placement(of: document)!.id
            if place.text != "node-5" { #expect(after.placement(of: document)?.id == place) }
        }
    }

    @Test func excludingANodeIsTheSameAsItsBeingGone() {
        let members = (1...4).map { node($0) }
        let view = MembershipView(members: members)
        for document in documents(500, seed: 3) {
            let best = view.placement(of: document)!
            let without = MembershipView(members: members.filter { $0.id != best.id })
            #expect(view.placement(of: document, excluding: [best.id])?.id == without.placement(of: document)?.id)
        }
    }

    @Test func documentsAreSpreadByCapacity() {
        let view = MembershipView(members: [node(1, capacity: 100), node(2, capacity: 300)])
        let all = documents(8_000, seed: 4)
        let second = all.count { view.placement(of: $0)?.id.text == "node-2" }
        // Three quarters are expected; eight standard deviations either way.
        #expect((5_690...6_310).contains(second))
    }

    @Test func aNodeThatLeavesIsGivenNothing() {
        let view = MembershipView(members: [node(1), node(2, isDraining: true)])
        for document in documents(100, seed: 5) { #expect(view.placement(of: document)?.id.text == "node-1") }
        #expect(MembershipView(members: [node(2, isDraining: true)]).placement(of: documents(1, seed: 6)[0]) == nil)
    }

    @Test func aViewKnowsLivesApart() {
        let view = MembershipView(members: [node(1, life: 7)])
        #expect(view.contains(NodeIdentity(node: NodeID("node-1")!, incarnation: Incarnation(7))))
        #expect(!view.contains(NodeIdentity(node: NodeID("node-1")!, incarnation: Incarnation(6))))
    }

    @Test func aPlanMovesAFewIdleDocumentsFirstAndOnlyThoseThatBelongElsewhere() {
        let view = MembershipView(members: [node(1), node(2)])
        let owned = documents(50, seed: 7).enumerated().map {
            RebalancePlan.Owned(document: $1, recentSubmissions: $0 % 5)
        }
        let moves = RebalancePlan.moves(of: owned, from: NodeID("node-1")!, in: view, limit: 4)
        #expect(moves.count == 4)
        for move in moves {
            #expect(move.successor.id.text == "node-2")
            #expect(view.placement(of: move.document)?.id.text == "node-2")
            #expect(owned.first { $0.document == move.document }?.recentSubmissions == 0)
        }
    }

    @Test func aDocumentIsNotGivenToANodeThatAGatewayOfItDoesNotReach() {
        let view = MembershipView(members: [node(1), node(2), node(3)])
        let avoided = node(2).identity
        let owned = documents(60, seed: 9).map {
            RebalancePlan.Owned(document: $0, recentSubmissions: 0, avoided: avoided)
        }
        let moves = RebalancePlan.moves(of: owned, from: NodeID("node-1")!, in: view, limit: .max)
        #expect(!moves.isEmpty && moves.allSatisfy { $0.successor.id.text == "node-3" })
        let leaving = MembershipView(members: [node(1, isDraining: true), node(2)])
        let last = RebalancePlan.moves(of: owned, from: NodeID("node-1")!, in: leaving, limit: .max)
        #expect(
            last.count == 60 && last.allSatisfy { $0.successor.identity == avoided },
            "rather to that one than to nobody")
        let restarted = MembershipView(members: [node(1), node(2, life: 9)])
        #expect(!RebalancePlan.moves(of: owned, from: NodeID("node-1")!, in: restarted, limit: .max).isEmpty)
    }

    @Test func aNodeThatDrainsGivesEverythingAway() {
        let view = MembershipView(members: [node(1, isDraining: true), node(2), node(3)])
        let owned = documents(40, seed: 8).map { RebalancePlan.Owned(document: $0, recentSubmissions: 0) }
        let moves = RebalancePlan.moves(of: owned, from: NodeID("node-1")!, in: view, limit: .max)
        #expect(Set(moves.map(\.document)) == Set(owned.map(\.document)))
        #expect(moves.allSatisfy { $0.successor.id.text != "node-1" })
    }
}
