import Testing

@testable import ClusterRuntime

@Suite struct FormerMembersTests {
    @Test func `a node that is gone is remembered for a time, counted from when it was last seen`() {
        var former = FormerMembers()
        former.note(["http://a", "http://b"], at: 0)
        former.note(["http://b"], at: 10)
        #expect(former.urls(at: FormerMembers.rememberedMicroseconds - 1) == ["http://a", "http://b"])
        #expect(former.urls(at: FormerMembers.rememberedMicroseconds) == ["http://b"])
        #expect(former.urls(at: FormerMembers.rememberedMicroseconds + 10) == [])
    }

    @Test func `of too many the latest are remembered`() {
        var former = FormerMembers()
        for number in 0..<200 { former.note(["http://node-\(number)"], at: Int64(number)) }
        let urls = former.urls(at: 200)
        #expect(urls.count == FormerMembers.atMost)
        #expect(
            urls.contains("http://node-199") && !urls.contains("http://node-135") && urls.contains("http://node-136"))
    }
}
