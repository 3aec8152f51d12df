import Testing
import URLSyntax
import WebSocketGateway

@Suite struct SessionAddressTests {
    @Test func `parameters are decoded`() throws {
        let address = try #require(
            SessionAddress(
                target: RequestTarget(
                    "/doc/abc?user=J%C3%BCrgen+A%2BB&name=a%26b&version=7&digest=&token=t&user=second&other=1#x")))
        #expect(address.document == "abc")
        #expect(address.user == "Jürgen A+B")
        #expect(address.name == "a&b")
        #expect(address.version == "7")
        #expect(address.digest == "")
        #expect(address.token == "t")
        #expect(address.clientID == nil)
    }

    @Test(arguments: [
        "/", "/doc", "/doc/", "/doc/a/b", "/doc/a%2Fb", "/documents/a", "/doc/%zz", "/doc/%4", "/doc/%ff",
        "/doc/a?user=%ff",
        "doc/a", "",
    ])
    func `what is no document's address is none`(target: String) {
        #expect((try? RequestTarget(target)).flatMap { SessionAddress(target: $0) } == nil)
    }

    @Test func `headers stand in for parameters, the bearer token goes before them`() throws {
        let address = try #require(
            SessionAddress(target: RequestTarget("/doc/a?token=t"), bearer: "b", claimedUser: "ann"))
        #expect(address.token == "b")
        #expect(address.user == "ann")
        #expect(
            try #require(SessionAddress(target: RequestTarget("/doc/a?user=bob"), claimedUser: "ann")).user == "bob")
    }
}
