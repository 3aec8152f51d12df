import CollabModel
import DocumentCore
import Testing

@testable import ClusterRuntime

@Suite("What is asked of an owner that may have been succeeded")
struct CommittedQuestionsTests {
    private func question(_ stream: UInt64, _ number: UInt64) -> CommittedQuestions.Question {
        .init(stream: StreamID(stream), message: .askCommitted(question: number))
    }

    @Test("a question is answered by a reading of the epoch that began after it, and by no earlier one")
    func order() {
        var questions = CommittedQuestions()
        var begins = [questions.beginReading()]
        questions.ask(question(1, 1))
        begins.append(questions.beginReading())
        questions.ask(question(2, 1))
        begins.append(questions.beginReading())
        let first = questions.confirmed()
        begins.append(questions.beginReading())
        let second = questions.confirmed()
        begins.append(questions.beginReading())
        #expect(begins == [false, true, false, true, false], "one reading at a time, and none for nobody")
        #expect(first == [question(1, 1)])
        #expect(second == [question(2, 1)])
    }

    @Test("nobody is answered on a stream that is gone")
    func gone() {
        var questions = CommittedQuestions()
        questions.ask(question(1, 1))
        questions.ask(question(2, 1))
        let begins = questions.beginReading()
        questions.ask(question(1, 2))
        questions.forget(StreamID(1))
        let answered = questions.confirmed()
        let again = questions.beginReading()
        #expect(begins && !again)
        #expect(answered == [question(2, 1)])
    }
}

@Suite("Whom documents are not given to")
struct AvoidedNodesTests {
    private let document = DocumentID(Identifier128(high: 1, low: 2))
    private let other = DocumentID(Identifier128(high: 1, low: 3))

    private func node(_ life: Int64) -> NodeIdentity {
        NodeIdentity(node: NodeID("n1")!, incarnation: Incarnation(life))
    }

    @Test("a node is avoided for its document for a while, and then no longer")
    func memory() {
        var avoided = AvoidedNodes()
        avoided.avoid(node(1), for: document, now: 1_000)
        #expect(avoided.node(for: document, now: 1_000) == node(1))
        #expect(avoided.node(for: other, now: 1_000) == nil)
        #expect(avoided.node(for: document, now: 999 + AvoidedNodes.memory) == node(1))
        #expect(avoided.node(for: document, now: 1_000 + AvoidedNodes.memory) == nil)
        avoided.avoid(node(2), for: document, now: 2_000)
        #expect(avoided.node(for: document, now: 2_000 + AvoidedNodes.memory - 1) == node(2))
    }
}
