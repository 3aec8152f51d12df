import ArgumentParser
import Configuration

/// The flags of `collab node`. Every one can also be given in the environment (`--peer-port` is `COLLAB_PEER_PORT`) and
/// in a JSON file (`{"collab": {"peer-port": 4001}}`); a flag wins over the environment, the environment over the file.
struct NodeOptions: ParsableArguments {
    @Option(help: "A JSON file with settings.") var config: String?
    @Option(help: "This node's id, unique in the cluster and kept across restarts. Default: node-1.") var id: String?
    @Option(help: "The cluster's name; nodes of another one are not talked to. Default: collab.") var cluster: String?
    @Option(help: "Address for editors and the HTTP API. Default: 127.0.0.1.") var host: String?
    @Option(help: "Port for editors and the HTTP API. Default: 3001.") var port: Int?
    @Option(help: "URL at which editors reach this node. Default: http://HOST:PORT.") var publicURL: String?
    @Option(
        help: "Origins of further pages that may use this node, separated by commas; * is every page. Default: none.")
    var allowedOrigins: String?
    @Option(
        help: """
            Users who may look at the console and drain nodes, ids separated by commas. Without authentication everybody \
            may call himself one of them. Default: everybody.
            """)
    var operators: String?
    @Option(help: "Address for other nodes; off loopback it needs mutual TLS. Default: 127.0.0.1.") var peerHost:
        String?
    @Option(help: "Port for other nodes. Default: 4001.") var peerPort: Int?
    @Option(help: "Address that other nodes are told. Default: the peer host.") var peerAdvertisedHost: String?
    @Option(help: "Address from which other nodes are dialled. Default: the system's choice.") var peerSourceHost:
        String?
    @Option(help: "PEM file with this node's certificate chain, for mutual TLS between nodes.") var peerCertificate:
        String?
    @Option(help: "PEM file with the certificate's private key.") var peerKey: String?
    @Option(help: "PEM file with the authorities that sign nodes' certificates.") var peerAuthority: String?
    @Option(help: "PostgreSQL. Default: postgresql://collab@127.0.0.1:5432/collab.") var postgres: String?
    @Option(help: "Connections for appends. Default: 2.") var appendLanes: Int?
    @Option(help: "Redis. Default: redis://127.0.0.1:6379.") var redis: String?
    @Option(help: "Folder with the editor page. Without it no page is served.") var webRoot: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info.") var logLevel: String?
    @Option(help: "on, or off to count neither sessions nor operations. Default: on.") var metrics: String?
    @Option(help: "OTLP/HTTP collector for traces, such as http://127.0.0.1:4318. Without it nothing is traced.")
    var otlpEndpoint: String?
    @Option(help: "Share of operations that are traced, 0 to 1. Default: 0.01.") var traceRatio: String?
    @Option(help: "Operations that took longer are traced anyway, ms; 0: none. Default: 1000.")
    var traceSlowMilliseconds: Int?
    @Option(help: "The most spans that wait for the collector; more are dropped and counted. Default: 8192.")
    var traceQueueSpans: Int?
    @Option(help: "RabbitMQ for the change feed, amqp://USER:PASSWORD@HOST:PORT/VHOST. Default: no change feed.")
    var rabbitmq: String?
    @Option(help: "Durable queues that get every change, separated by commas. Default: none.") var feedQueues: String?
    @Option(help: "Secret that signs client ids, the same on all nodes. Default: derived from the cluster's name.")
    var clientIDKey: String?
    @Option(help: "Relative capacity for placement. Default: 100.") var capacity: Int?
    @Option(help: "Threads for sockets. Default: half the cores, at least 1.") var eventLoops: Int?
    @Option(help: "Node lease time to live, ms. Default: 2000.") var leaseTTLMilliseconds: Int?
    @Option(help: "Node lease renewal, ms. Default: a quarter of the time to live.") var leaseRenewalMilliseconds: Int?
    @Option(help: "Largest frame of a client, bytes. Default: 1048576.") var maxFrameBytes: Int?
    @Option(help: "Largest encoded operation, bytes. Default: 524288.") var maxOperationBytes: Int?
    @Option(help: "Longest document, UTF-16 units. Default: 10000000.") var maxDocumentLength: Int?
    @Option(help: "Operations per second of one session, sustained. Default: 500.") var maxOperationsPerSecond: Int?
    @Option(help: "Sessions of one document on this node. Default: 2000.") var maxSessionsPerDocument: Int?
    @Option(help: "Sessions of this node. Default: 10000.") var maxSessions: Int?
    @Option(help: "Snapshot after so many operations. Default: 100.") var snapshotOperations: Int?
    @Option(help: "Seconds without sessions after which a document is released. Default: 60.") var idleSeconds: Int?

    /// What was given on the command line, as configuration values.
    var values: [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        func add(_ name: String, _ text: String?, secret: Bool = false) {
            if let text { values[AbsoluteConfigKey(["collab", name])] = ConfigValue(.string(text), isSecret: secret) }
        }
        func add(_ name: String, _ number: Int?) {
            if let number { values[AbsoluteConfigKey(["collab", name])] = ConfigValue(.int(number), isSecret: false) }
        }
        add("id", id)
        add("cluster", cluster)
        add("host", host)
        add("port", port)
        add("public-url", publicURL)
        add("allowed-origins", allowedOrigins)
        add("operators", operators)
        add("peer-host", peerHost)
        add("peer-port", peerPort)
        add("peer-advertised-host", peerAdvertisedHost)
        add("peer-source-host", peerSourceHost)
        add("peer-certificate", peerCertificate)
        add("peer-key", peerKey)
        add("peer-authority", peerAuthority)
        add("postgres", postgres, secret: true)
        add("append-lanes", appendLanes)
        add("redis", redis, secret: true)
        add("web-root", webRoot)
        add("log-level", logLevel)
        add("metrics", metrics)
        add("otlp-endpoint", otlpEndpoint)
        add("trace-ratio", traceRatio)
        add("trace-slow-milliseconds", traceSlowMilliseconds)
        add("trace-queue-spans", traceQueueSpans)
        add("rabbitmq", rabbitmq, secret: true)
        add("feed-queues", feedQueues)
        add("client-id-key", clientIDKey, secret: true)
        add("capacity", capacity)
        add("event-loops", eventLoops)
        add("lease-ttl-milliseconds", leaseTTLMilliseconds)
        add("lease-renewal-milliseconds", leaseRenewalMilliseconds)
        add("max-frame-bytes", maxFrameBytes)
        add("max-operation-bytes", maxOperationBytes)
        add("max-document-length", maxDocumentLength)
        add("max-operations-per-second", maxOperationsPerSecond)
        add("max-sessions-per-document", maxSessionsPerDocument)
        add("max-sessions", maxSessions)
        add("snapshot-operations", snapshotOperations)
        add("idle-seconds", idleSeconds)
        return values
    }
}
