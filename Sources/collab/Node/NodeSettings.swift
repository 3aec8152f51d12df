import ClusterCore
import CollabModel
import Configuration
import DocumentCore
import Foundation
import Logging
import PostgresPersistence
import RabbitMQBroker
import RedisClient
import Telemetry
import URLSyntax

/// What a node runs with, from flags, environment and file, checked.
struct NodeSettings: Sendable {
    var id: NodeID
    var cluster: String
    var host: String
    var port: Int
    var publicURL: String
    var allowedOrigins: [String]
    /// Who may operate the cluster; empty: everybody.
    var operators: Set<UserID>
    var peerHost: String
    var peerPort: Int
    var peerAdvertisedHost: String
    var peerSourceHost: String?
    var peerTLS: PeerTLSFiles?
    var postgres: String
    var appendLanes: Int
    var redis: RedisEndpoint
    var webRoot: String?
    var logLevel: Logger.Level
    /// Whether sessions and operations are counted.
    var countsMetrics: Bool
    /// Where and which traces are recorded; `nil`: none.
    var tracing: Tracing?
    /// Where changes are published; `nil`: nowhere.
    var changeFeed: ChangeFeed?
    var clientIDKey: String
    var capacity: Int
    var eventLoops: Int
    var timing: LeaseTiming
    var limits: DocumentLimits
    var maxFrameBytes: Int
    var maxOperationsPerSecond: Int
    var maxSessionsPerDocument: Int
    var maxSessions: Int

    struct PeerTLSFiles: Sendable {
        var certificate: String
        var key: String
        var authority: String
    }

    struct Tracing: Sendable {
        /// The collector's URL of traces.
        var url: String
        var ratio: Double
        var slowMilliseconds: Int
        var queueSpans: Int
    }

    struct ChangeFeed: Sendable {
        /// RabbitMQ, with its password.
        var url: String
        /// Durable queues that get every change.
        var queues: [String]
    }

    /// A setting that cannot be used; says which and why.
    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads and checks all settings.
    static func read(_ options: NodeOptions) async throws -> NodeSettings {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: options.values), EnvironmentVariablesProvider(),
        ]
        var fileNames: Set<String> = []
        if let file = options.config ?? ProcessInfo.processInfo.environment["COLLAB_CONFIG"] {
            fileNames = try settingNames(inFile: file)
            do {
                let path = InMemoryProvider(values: ["filePath": ConfigValue(.string(file), isSecret: false)])
                providers.append(try await FileProvider<JSONSnapshot>(config: ConfigReader(provider: path)))
            } catch {
                throw Invalid(description: "cannot read the settings file \(file): \(error)")
            }
        }
        let values = SettingsReader(ConfigReader(providers: providers).scoped(to: "collab"))
        let settings = try NodeSettings(values)
        // A setting that is misspelt would be one that silently has its default.
        if let unknown = fileNames.subtracting(values.asked).min() {
            throw Invalid(description: "there is no setting \"\(unknown)\" (in the settings file)")
        }
        if let mistyped = fileNames.intersection(values.unread).min() {
            throw Invalid(description: "\(mistyped) must be a text (in the settings file)")
        }
        return settings
    }

    /// The names below `collab` in a settings file.
    private static func settingNames(inFile path: String) throws -> Set<String> {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Invalid(description: "the settings file \(path) is not there, or may not be read")
        }
        let object: Any
        do { object = try JSONSerialization.jsonObject(with: data) } catch {
            let reason = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            throw Invalid(description: "the settings file \(path) is not JSON\(reason.map { ": \($0)" } ?? "")")
        }
        guard let names = (object as? [String: Any])?["collab"] as? [String: Any] else {
            throw Invalid(description: "the settings file \(path) is not of the form {\"collab\": {…}}")
        }
        return Set(names.keys)
    }

    private init(_ values: SettingsReader) throws {
        id = try values.checked("id", default: "node-1", "1 to 63 letters, digits, -, _ or .") { NodeID($0) }
        cluster = try values.checked("cluster", default: "collab", "1 to 63 letters, digits, -, _ or .") {
            NodeID($0)?.text
        }
        host = values.text("host", default: "127.0.0.1")
        port = try values.number("port", default: 3001, in: 1...65_535)
        publicURL = try values.publicURL(host: host, port: port)
        allowedOrigins = try values.allowedOrigins()
        operators = try values.operators()
        peerHost = values.text("peer-host", default: "127.0.0.1")
        peerPort = try values.number("peer-port", default: 4001, in: 1...65_535)
        peerAdvertisedHost = values.text("peer-advertised-host", default: peerHost)
        peerSourceHost = values.optional("peer-source-host")
        let files = ["peer-certificate", "peer-key", "peer-authority"].map { values.optional($0) }
        if let certificate = files[0], let key = files[1], let authority = files[2] {
            peerTLS = PeerTLSFiles(certificate: certificate, key: key, authority: authority)
        } else if files.contains(where: { $0 != nil }) {
            throw Invalid(description: "peer-certificate, peer-key and peer-authority belong together")
        } else {
            peerTLS = nil
        }
        postgres = try values.postgres()
        appendLanes = try values.number("append-lanes", default: 2, in: 1...64)
        redis = try values.redis()
        webRoot = values.optional("web-root")
        logLevel = try values.checked("log-level", default: "info", "a level such as info or debug") {
            Logger.Level(rawValue: $0)
        }
        countsMetrics = try values.checked("metrics", default: "on", "on or off") { ["on": true, "off": false][$0] }
        tracing = try values.tracing()
        changeFeed = try values.changeFeed()
        clientIDKey = values.text("client-id-key", default: "client ids of \(cluster)", secret: true)
        capacity = try values.number("capacity", default: 100, in: 1...1_000_000)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        eventLoops = try values.number("event-loops", default: max(1, cores / 2), in: 1...1_024)
        let timeToLive = try values.number("lease-ttl-milliseconds", default: 2_000, in: 200...600_000)
        let renewal = try values.number("lease-renewal-milliseconds", default: timeToLive / 4, in: 20...300_000)
        guard renewal * 2 <= timeToLive else {
            throw Invalid(description: "lease-renewal-milliseconds must be at most half of lease-ttl-milliseconds")
        }
        timing = LeaseTiming(timeToLiveMilliseconds: timeToLive, renewalMilliseconds: renewal)
        limits = DocumentLimits()
        limits.operationBytes = try values.number(
            "max-operation-bytes", default: 512 << 10, in: 1_024...(64 << 20))
        limits.documentLength = try values.number(
            "max-document-length", default: limits.documentLength, in: 1_000...100_000_000)
        limits.snapshotOperations = try values.number(
            "snapshot-operations", default: limits.snapshotOperations, in: 1...1_000_000)
        limits.idleMilliseconds = Int64(try values.number("idle-seconds", default: 60, in: 1...86_400)) * 1_000
        maxFrameBytes = try values.number("max-frame-bytes", default: 1 << 20, in: 4_096...(128 << 20))
        maxOperationsPerSecond = try values.number("max-operations-per-second", default: 500, in: 1...1_000_000)
        maxSessionsPerDocument = try values.number("max-sessions-per-document", default: 2_000, in: 1...1_000_000)
        maxSessions = try values.number("max-sessions", default: 10_000, in: 1...1_000_000)
    }
}

/// Reads values and says clearly what is wrong with one.
private final class SettingsReader {
    private let reader: ConfigReader
    /// The names of all settings that were read.
    private(set) var asked: Set<String> = []
    /// Those of them that are texts and were not found.
    private(set) var unread: Set<String> = []

    init(_ reader: ConfigReader) { self.reader = reader }

    func optional(_ name: String) -> String? {
        string(name, secret: false)
    }

    func text(_ name: String, default value: String, secret: Bool = false) -> String {
        string(name, secret: secret) ?? value
    }

    private func string(_ name: String, secret: Bool) -> String? {
        asked.insert(name)
        let text = reader.string(forKey: ConfigKey(name), isSecret: secret)
        if text == nil { unread.insert(name) }
        return text
    }

    func number(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
        asked.insert(name)
        let number: Int
        do { number = try reader.requiredIntIfPresent(name) ?? value } catch {
            throw NodeSettings.Invalid(description: "\(name) must be a whole number")
        }
        guard range.contains(number) else {
            throw NodeSettings.Invalid(
                description: "\(name) must lie between \(range.lowerBound) and \(range.upperBound), not \(number)")
        }
        return number
    }

    func checked<Value>(
        _ name: String, default value: String, _ rule: String, _ make: (String) -> Value?
    ) throws -> Value {
        let given = text(name, default: value)
        guard let made = make(given) else {
            throw NodeSettings.Invalid(description: "\(name) must be \(rule), not \"\(given)\"")
        }
        return made
    }
}

extension SettingsReader {
    /// Every page of the cluster reads it: one that cannot be used would trouble those of the other nodes too.
    fileprivate func publicURL(host: String, port: Int) throws -> String {
        try checked(
            "public-url", default: "http://\(URLAuthority.text(host: host, port: port))",
            "an http or https URL with a host"
        ) { text in Self.webURL(text) == nil ? nil : text }
    }

    private static func webURL(_ text: String) -> URL? {
        guard !text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 }),
            let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            let host = url.host(), !host.isEmpty, (1...65_535).contains(url.port ?? 80)
        else { return nil }
        return url
    }

    /// One that no page can have would be a page that is refused without a word of why.
    fileprivate func allowedOrigins() throws -> [String] {
        try checked(
            "allowed-origins", default: "", "origins such as https://docs.example.org, separated by commas, or *"
        ) { text in
            let origins = Self.list(text)
            return origins.allSatisfy { $0 == "*" || Self.isOrigin($0) } ? origins : nil
        }
    }

    /// What stands between commas, without the space around it.
    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let url = webURL(text) else { return false }
        return ["", "/"].contains(url.path()) && url.query() == nil && url.user() == nil
    }

    /// Nobody named means everybody, so a value that names nobody is a mistake that would open what it was to close.
    fileprivate func operators() throws -> Set<UserID> {
        guard optional("operators") != nil else { return [] }
        return try checked("operators", default: "", "one user id or more, separated by commas") { text in
            let names = Self.list(text)
            let users = names.compactMap { UserID($0) }
            return users.isEmpty || users.count != names.count ? nil : Set(users)
        }
    }

    fileprivate func postgres() throws -> String {
        let url = text("postgres", default: "postgresql://collab@127.0.0.1:5432/collab", secret: true)
        if let fault = PostgresConfiguration.fault(inURL: url) {
            throw NodeSettings.Invalid(description: "postgres cannot be used: \(fault)")
        }
        return url
    }

    fileprivate func redis() throws -> RedisEndpoint {
        do { return try RedisEndpoint(url: text("redis", default: "redis://127.0.0.1:6379", secret: true)) } catch {
            throw NodeSettings.Invalid(description: "redis cannot be used: \(error)")
        }
    }

    fileprivate func changeFeed() throws -> NodeSettings.ChangeFeed? {
        let queues = Self.list(text("feed-queues", default: ""))
        guard let url = string("rabbitmq", secret: true) else {
            guard queues.isEmpty else {
                throw NodeSettings.Invalid(description: "feed-queues is of no use without rabbitmq")
            }
            return nil
        }
        do { try RabbitMQBroker.check(url: url, queues: queues) } catch {
            throw NodeSettings.Invalid(description: "rabbitmq or feed-queues cannot be used: \(error)")
        }
        return NodeSettings.ChangeFeed(url: url, queues: queues)
    }

    /// The collector is named by its base, as elsewhere, or by the whole URL.
    fileprivate func tracing() throws -> NodeSettings.Tracing? {
        let ratio = try checked("trace-ratio", default: "0.01", "a number from 0 to 1") { text in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        }
        let slow = try number("trace-slow-milliseconds", default: 1_000, in: 0...600_000)
        let spans = try number("trace-queue-spans", default: NodeTracer.queuedSpans, in: 16...1_000_000)
        guard let endpoint = optional("otlp-endpoint") else { return nil }
        guard let url = URL(string: endpoint), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw NodeSettings.Invalid(description: "otlp-endpoint must be an http or https URL, not \"\(endpoint)\"")
        }
        let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        let isWhole = !["", "/"].contains(url.path())
        return NodeSettings.Tracing(
            url: isWhole ? endpoint : base + "/v1/traces", ratio: ratio, slowMilliseconds: slow, queueSpans: spans)
    }
}

extension ConfigReader {
    /// The number, `nil` when it is not set; throws when something else than a number is set.
    fileprivate func requiredIntIfPresent(_ name: String) throws -> Int? {
        if let number = int(forKey: ConfigKey(name)) { return number }
        guard string(forKey: ConfigKey(name)) == nil else { return try requiredInt(forKey: ConfigKey(name)) }
        return nil
    }
}
