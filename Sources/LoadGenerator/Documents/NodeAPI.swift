import AsyncHTTPClient
import CollabModel
import Delta
import JSON
import NIOCore
import NIOHTTP1

/// The HTTP API of the nodes, as far as a load needs it. A node that cannot be had is passed over.
struct NodeAPI: Sendable {
    let urls: [String]
    private let client: HTTPClient
    let token: String?
    let user: String
    private static let pageOperations = 500
    private static let mostBytes = 512 << 20

    init(urls: [String], token: String?, user: String = "load") {
        self.urls = urls.map { url in
            var base = url[...]
            if base.hasPrefix("ws") { base = "http" + base.dropFirst(2) }
            while base.last == "/" { base = base.dropLast() }
            return String(base)
        }
        self.token = token
        self.user = user
        var configuration = HTTPClient.Configuration.singletonConfiguration
        // A node that refuses connections is gone, and another one is asked.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(2)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends the connections; the last call.
    func close() async { try? await client.shutdown() }

    /// Creates a document.
    func create(title: String, content: DocumentContent?) async throws -> DocumentID {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("title")
        writer.string(title)
        if let content {
            writer.key("content")
            content.write(to: &writer)
        }
        writer.endObject()
        let answer = try await request(.POST, "/api/documents", body: writer.bytes)
        let value = try JSONValue(utf8: answer)
        guard let text = value["id"]?.string, let id = DocumentID(text) else {
            throw LoadError("the answer to the creation of a document has no id")
        }
        return id
    }

    /// The document now.
    func content(of document: DocumentID) async throws -> (Version, DocumentContent) {
        let answer = try await request(.GET, "/api/documents/\(document)/content")
        var version: Version?
        var content: Delta?
        try answer.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer, maximumDepth: 72)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "version": version = Version(Int64(try reader.readInt()))
                case "content": content = try Delta(reading: &reader)
                default: try reader.skipValue()
                }
            }
        }
        guard let version, let content else { throw LoadError("the answer has no version or content") }
        return (version, try DocumentContent(content))
    }

    /// A page of the log after a version; empty at its end.
    func operations(of document: DocumentID, after version: Version) async throws -> [LogRow] {
        let path = "/api/documents/\(document)/operations?after=\(version)&limit=\(Self.pageOperations)"
        let answer = try await request(.GET, path)
        return try answer.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer, maximumDepth: 72)
            return try LogRow.page(&reader)
        }
    }

    // MARK: Requests

    private func request(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil) async throws -> [UInt8] {
        var last: any Error = LoadError("there is no node")
        for attempt in 0..<(method == .GET ? 3 : 1) {
            for url in urls {
                do {
                    return try await send(method, url + path, body)
                } catch let error as LoadError {
                    last = error
                } catch let error as CancellationError {
                    throw error
                } catch {
                    last = LoadError("\(url): \(error)")
                }
            }
            if attempt < 2 { try await Task.sleep(for: .milliseconds(200 << attempt)) }
        }
        throw last
    }

    private func send(_ method: HTTPMethod, _ url: String, _ body: [UInt8]?) async throws -> [UInt8] {
        let separator = url.contains("?") ? "&" : "?"
        var request = HTTPClientRequest(url: token == nil ? url + "\(separator)user=\(user)" : url)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        let answer = try await response.body.collect(upTo: Self.mostBytes)
        let bytes = Array(answer.readableBytesView)
        guard (200..<300).contains(response.status.code) else {
            throw LoadError(
                "\(url): \(response.status.code) \(String(decoding: bytes.prefix(300), as: UTF8.self))")
        }
        return bytes
    }
}
