import Testing

@testable import LocalCluster

@Suite("Answers over HTTP")
struct LoopbackHTTPTests {
    @Test("a body ends with the connection")
    func plain() throws {
        let response = try #require(LoopbackHTTP.parse(Array("HTTP/1.1 503 No\r\nServer: x\r\n\r\nbody".utf8)))
        #expect(response.status == 503)
        #expect(response.body == Array("body".utf8))
    }

    @Test("chunks are put together, and a body cut short is no answer")
    func chunked() throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let whole = head + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"
        #expect(LoopbackHTTP.parse(Array(whole.utf8))?.body == Array("abc0123456789".utf8))
        #expect(LoopbackHTTP.parse(Array((head + "5\r\nabc").utf8)) == nil)
        #expect(LoopbackHTTP.parse(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody".utf8)) == nil)
        #expect(LoopbackHTTP.parse(Array("SSH-2.0\r\n\r\n".utf8)) == nil)
    }
}
