import AMQPClient
import Testing

@Suite struct AMQPURLTests {
    @Test(arguments: [
        ("amqp://localhost", AMQPURL(host: "localhost")),
        ("amqp://localhost/", AMQPURL(host: "localhost")),
        ("amqp://localhost/%2f", AMQPURL(host: "localhost")),
        (
            "amqp://ann:secret@rabbit:5673/collab",
            AMQPURL(host: "rabbit", port: 5673, user: "ann", password: "secret", virtualHost: "collab")
        ),
        (
            "amqp://a%40b:p%3A%2F%25@h/a%2Fb",
            AMQPURL(host: "h", user: "a@b", password: "p:/%", virtualHost: "a/b")
        ),
        ("amqp://ann:@h", AMQPURL(host: "h", user: "ann", password: "")),
        ("amqp://ann:a:b@h", AMQPURL(host: "h", user: "ann", password: "a:b")),
        ("amqp://[::1]:5673/x", AMQPURL(host: "::1", port: 5673, virtualHost: "x")),
        ("amqp://[::1]", AMQPURL(host: "::1")),
    ])
    func `a URL says where the server is and how to log in`(text: String, url: AMQPURL) throws {
        #expect(try AMQPURL(parsing: text) == url)
    }

    @Test(arguments: [
        ("", "amqp://"), ("localhost", "amqp://"), ("http://ann:hunter2@h", "amqp://"),
        ("amqps://ann:hunter2@h", "TLS"), ("amqp://", "no host"), ("amqp://ann:hunter2@", "no host"),
        ("amqp://ann:hunter2@:5672", "no host"), ("amqp://hunter2@h", "without a password"),
        ("amqp://:hunter2@h", "user is empty"), ("amqp://ann:hunter2@h:", "port"),
        ("amqp://ann:hunter2@h:0", "port"), ("amqp://ann:hunter2@h:65536", "port"),
        ("amqp://ann:hunter2@h:+1", "port"), ("amqp://ann:hunter2@h:٣", "port"),
        ("amqp://ann:hunter2%@h", "escape"), ("amqp://ann:hunter2%+1@h", "escape"),
        ("amqp://ann:hunter2%00@h", "U+0000"), ("amqp://ann:hunter2%ff@h", "UTF-8"),
        ("amqp://ann:hunter2@h/a/b", "virtual host"), ("amqp://ann:hunter2@h/a?heartbeat=1", "virtual host"),
        ("amqp://ann:12/hunter2@h", "%2F"), ("amqp://ann:hunter2@[::1", "["), ("amqp://ann:hunter2@h?x", "host"),
        ("amqp://ann:hunter2@h/\(String(repeating: "v", count: 256))", "255"),
    ])
    func `anything else is an error that says what is wrong and not the password`(text: String, reason: String) async {
        let error = await amqpError { () throws(AMQPError) in try AMQPURL(parsing: text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
        #expect(error?.message.contains("hunter2") != true)
    }

    @Test func `no description of a URL has its password`() throws {
        let url = try AMQPURL(parsing: "amqp://ann:hunter2@rabbit:5673/collab")
        var dumped = ""
        dump(url, to: &dumped)
        for text in [url.description, url.debugDescription, "\(url)", String(reflecting: url), dumped] {
            #expect(!text.contains("hunter2"), "\(text)")
            #expect(text.contains("rabbit:5673"))
        }
    }
}
