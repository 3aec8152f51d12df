import Testing
import URLSyntax

@Suite struct ServerURLTests {
    @Test func `an authority is a login, a host and a port`() throws {
        let full = try URLAuthority("ann:a%40b@host:80")
        #expect((full.user, full.password, full.host, full.port) == ("ann", "a@b", "host", 80))
        let bare = try URLAuthority("host")
        #expect((bare.user, bare.password, bare.host, bare.port) == (nil, nil, "host", nil))
        let address = try URLAuthority("[fe80::1]:65535")
        #expect((address.host, address.port) == ("fe80::1", 65_535))
    }

    @Test func `a login may lack a name or a password, and neither is the other`() throws {
        #expect(try URLAuthority("ann@h").password == nil)
        #expect(try URLAuthority("ann:@h").password == "")
        #expect(try URLAuthority(":p@h").user == "")
    }

    @Test func `a password may have what separates, unencoded`() throws {
        let authority = try URLAuthority("ann:a:b@c@h:1")
        #expect((authority.user, authority.password, authority.host) == ("ann", "a:b@c", "h"))
    }

    @Test(arguments: [
        ("", URLSyntaxError.noHost), (":80", .noHost), ("ann:p@", .noHost), ("[]", .noHost), ("[::1", .openBracket),
        ("[::1]x", .invalidPort), ("[::1]:", .invalidPort), ("h:", .invalidPort), ("h:0", .invalidPort),
        ("h:65536", .invalidPort), ("h:+1", .invalidPort), ("h:-1", .invalidPort), ("h:٣", .invalidPort),
        ("h:1٣", .invalidPort), ("h:99999999999999999999", .invalidPort), ("h:1:2", .invalidPort),
        ("h x", .invalidHost), ("h%41", .invalidHost), ("h?", .invalidHost), ("h#", .invalidHost),
        ("h/", .invalidHost), ("%@h", .invalidEscape), ("a:%ff@h", .invalidText), ("a:%00@h", .invalidText),
    ])
    func `anything else says what is wrong`(text: String, error: URLSyntaxError) {
        #expect(throws: error) { try URLAuthority(text) }
    }

    @Test func `an authority is written as it is read`() throws {
        for (host, port) in [("h", 1), ("::1", 65_535), ("10.0.0.1", 80)] {
            let authority = try URLAuthority(URLAuthority.text(host: host, port: port))
            #expect((authority.host, authority.port) == (host, port))
        }
    }

    @Test func `what follows the authority is the path, as written`() throws {
        #expect(try ServerURL("x://h", scheme: "x://").path == "")
        #expect(try ServerURL("x://h/", scheme: "x://").path == "")
        #expect(try ServerURL("x://a:b@h:1/%2F/c?d", scheme: "x://").path == "%2F/c?d")
        #expect(throws: URLSyntaxError.otherScheme("x://")) { try ServerURL("y://h", scheme: "x://") }
        #expect(throws: URLSyntaxError.otherScheme("x://")) { try ServerURL("", scheme: "x://") }
    }
}
