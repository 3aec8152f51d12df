import ClusterRuntime
import Testing

@Suite struct MailboxTests {
    @Test func everythingThatWaitsIsTakenAtOnceAndInOrder() async {
        let mailbox = Mailbox<Int>()
        for number in 1...5 { #expect(mailbox.post(number)) }
        #expect(await mailbox.next() == [1, 2, 3, 4, 5])
    }

    @Test func aFullMailboxRefusesAndLosesNothingThatItTook() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect(mailbox.post(1))
        #expect(mailbox.post(2))
        #expect(!mailbox.post(3))
        #expect(await mailbox.next() == [1, 2])
        #expect(mailbox.post(4))
    }

    @Test func aClosedMailboxGivesWhatItHasAndThenEnds() async {
        let mailbox = Mailbox<Int>()
        mailbox.post(1)
        mailbox.close()
        #expect(!mailbox.post(2))
        #expect(await mailbox.next() == [1])
        #expect(await mailbox.next() == nil)
    }

    @Test func aWaitingConsumerIsWokenByAPostAndByTheClosing() async {
        let mailbox = Mailbox<Int>()
        async let taken = mailbox.next()
        mailbox.post(7)
        #expect(await taken == [7])
        async let end = mailbox.next()
        mailbox.close()
        #expect(await end == nil)
    }

    @Test func manyProducersLoseNothingAndEachKeepsItsOrder() async {
        let mailbox = Mailbox<(producer: Int, number: Int)>()
        let producers = 8
        let each = 2_000
        await withDiscardingTaskGroup { group in
            for producer in 0..<producers {
                group.addTask { for number in 0..<each { mailbox.post((producer, number)) } }
            }
            var next = [Int](repeating: 0, count: producers)
            while next.reduce(0, +) < producers * each, let taken = await mailbox.next() {
                for (producer, number) in taken {
                    #expect(number == next[producer])
                    next[producer] = number + 1
                }
            }
            #expect(next == [Int](repeating: each, count: producers))
        }
    }
}
