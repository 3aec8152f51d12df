import Testing

@testable import AMQPClient

@Suite struct ConfirmWindowTests {
    /// A window on which so many messages were published; `#expect` does not call what mutates.
    final class Channel {
        private var window = ConfirmWindow()
        var outstanding: Int { window.outstanding }
        init(published: Int) { for _ in 0..<published { publish() } }
        func publish() { window.publish() }
        func confirm(_ tag: UInt64, upTo multiple: Bool) -> Bool { window.confirm(tag, upTo: multiple) }
    }

    @Test func `messages are confirmed one by one, in any order`() {
        let window = Channel(published: 5)
        for (tag, left) in zip([3, 1, 5, 2, 4] as [UInt64], [4, 3, 2, 1, 0]) {
            #expect(window.confirm(tag, upTo: false))
            #expect(window.outstanding == left)
        }
    }

    @Test func `several are confirmed at once, those that were confirmed before among them`() {
        let window = Channel(published: 10)
        #expect(window.confirm(4, upTo: false))
        #expect(window.confirm(9, upTo: false))
        #expect(window.confirm(6, upTo: true))
        #expect(window.outstanding == 3)
        #expect(window.confirm(3, upTo: true))
        #expect(window.outstanding == 3)
        #expect(window.confirm(0, upTo: true))
        #expect(window.outstanding == 0)
        window.publish()
        #expect(window.outstanding == 1)
        #expect(window.confirm(11, upTo: false))
        #expect(window.outstanding == 0)
    }

    @Test func `what was not published, or is confirmed already, cannot be confirmed`() {
        let window = Channel(published: 3)
        #expect(!window.confirm(4, upTo: false))
        #expect(!window.confirm(4, upTo: true))
        #expect(!window.confirm(0, upTo: false))
        #expect(window.confirm(3, upTo: false))
        #expect(!window.confirm(3, upTo: false))
        #expect(window.confirm(1, upTo: false))
        #expect(!window.confirm(1, upTo: false))
        #expect(window.outstanding == 1)
    }
}
