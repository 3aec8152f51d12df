import LocalCluster
import Testing

extension IntegrationTests {
    @Suite("The command line", .timeLimit(.minutes(1)))
    struct CommandTests {
        @Test(
            "settings that cannot be used are refused by name, before anything starts",
            arguments: [
                (["--lease-ttl-milliseconds", "2x"], "", "lease-ttl-milliseconds"),
                (["--lease-ttl-milliseconds", "1000", "--lease-renewal-milliseconds", "900"], "", "at most half"),
                (["--peer-key", "key.pem"], "", "belong together"),
                (["--id", "a b"], "", "id must be"),
                (["--public-url", "editor.example:3001"], "", "public-url must be"),
                (["--public-url", "javascript:alert(1)"], "", "public-url must be"),
                (["--public-url", "http://a b"], "", "public-url must be"),
                (["--public-url", "https://:443"], "", "public-url must be"),
                (["--public-url", "http://h:99999"], "", "public-url must be"),
                (["--operators", ","], "", "operators must be"), (["--operators", ""], "", "operators must be"),
                ([], #"{"collab": {"peer-prot": 4001, "port": 3001}}"#, #"there is no setting "peer-prot""#),
                ([], #"{"colab": {}}"#, "is not of the form"),
                ([], "{", "is not JSON"),
                ([], #"{"collab": {"log-level": 5}}"#, "log-level must be a text"),
                (["--rabbitmq", "http://127.0.0.1:5672"], "", "does not begin with amqp://"),
                (["--rabbitmq", "amqp://h", "--feed-queues", "a,amq.b"], "", "amq."),
                (["--redis", "localhost:6379"], "", "redis cannot be used"),
                (["--redis", "redis://:hunter2@h:x"], "", "its port is not a port"),
                (["--postgres", "postgresql://a:hunter2%zz@h/d"], "", "postgres cannot be used"),
                (["--postgres", "postgresql://a:hun@ter2@h/d"], "", "%40"),
                (["--postgres", "collab"], "", "keyword=value"),
                (["--feed-queues", "a"], "", "of no use without rabbitmq"),
                (["--allowed-origins", "docs.example.org"], "", "allowed-origins must be"),
                (["--allowed-origins", "https://a.example,http://b.example/c"], "", "allowed-origins must be"),
            ])
        func refusedSettings(arguments: [String], file: String, words: String) async throws {
            let output = try await withFile(file) { path in
                try await collab(["node"] + arguments + (file.isEmpty ? [] : ["--config", path]), status: 64)
            }
            #expect(output.contains(words), "\(output)")
            #expect(!output.contains("ter2"), "a password is shown: \(output)")
        }

        @Test("a history is judged by the exit status: 0 kept, 1 broken, 2 cannot be read")
        func judged() async throws {
            let begun = """
                {"history":"collab.history.v1","recorder":"a test"}
                {"at":0,"event":"document","document":"d","content":[{"insert":"\\n"}]}
                {"at":1,"event":"open","session":"s","document":"d","user":"ann"}
                {"at":2,"event":"init","session":"s","client":"c","version":0,"content":[{"insert":"\\n"}]}
                {"at":3,"event":"submit","session":"s","operationId":"o","version":0,"operation":[{"insert":"x"}]}
                {"at":4,"event":"ack","session":"s","operationId":"o","version":1}

                """
            let kept = """
                {"at":5,"event":"row","document":"d","version":1,"epoch":1,"client":"c","operationId":"o","operation":[{"insert":"x"}]}
                {"at":6,"event":"head","document":"d","epoch":1,"head":1}

                """
            let lost = #"{"at":5,"event":"head","document":"d","epoch":1,"head":0}"# + "\n"
            for (text, status, words) in [
                (begun + kept, Int32(0), "G1"), (begun + lost, 1, "G1"), (begun + "{}\n", 2, "7"),
            ] {
                let output = try await withFile(text) { path in
                    try await collab(["chaos", "check", path], status: status)
                }
                #expect(output.contains(words), "\(output)")
            }
        }

        @Test("a server is killed, paused and started like a node, and status says what it does")
        func servers() async throws {
            try await withLocalCluster(nodes: 0, services: [.postgres, .redis]) { cluster in
                let directory = ["--run-directory", cluster.directory.path]
                func redis() async throws -> String? {
                    try await collab(["cluster", "status"] + directory)
                        .split(separator: "\n").first { $0.hasPrefix("redis  ") }.map {
                            String($0.split(separator: " ")[1])
                        }
                }
                #expect(try await redis() == "running")

                try await collab(["cluster", "kill", "redis", "--signal", "STOP"] + directory)
                #expect(try await redis() == "stopped")
                let stopped = try await collab(["cluster", "start", "redis"] + directory, status: 1)
                #expect(stopped.contains("SIGCONT continues it"), "\(stopped)")
                try await collab(["cluster", "kill", "redis", "--signal", "CONT"] + directory)
                #expect(try await cluster.redis.command("PING") == "+PONG")

                try await collab(["cluster", "kill", "Redis"] + directory)
                #expect(try await redis() == "exited")
                let again = try await collab(["cluster", "kill", "redis"] + directory, status: 1)
                #expect(again.contains("redis does not run"), "\(again)")
                try await collab(["cluster", "start", "redis"] + directory)
                #expect(try await redis() == "running")
                #expect(try await cluster.redis.command("PING") == "+PONG")

                // Killed, it stays in the process table until this process, whose child it is, looks after it.
                try await collab(["cluster", "kill", "postgres"] + directory)
                try await collab(["cluster", "start", "postgres"] + directory)
                #expect(try await cluster.postgres.query("SELECT 1") == "1")

                let absent = try await collab(["cluster", "start", "rabbitmq"] + directory, status: 1)
                #expect(absent.contains("was started without rabbitmq"), "\(absent)")
            }
        }
    }
}
