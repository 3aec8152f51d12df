internal import CollabModel
internal import Delta
internal import HistoryChecker
internal import JSON
internal import LocalCluster

/// The HTTP API of the nodes, as far as a run needs it, written down in the history.
struct ChaosAPI: Sendable {
    let recorder: HistoryRecorder
    private static let user = "chaos"

    /// Creates a document with content, at the first node that answers.
    func create(_ title: String, _ content: DocumentContent, at nodes: [ClusterNode]) async throws -> DocumentID {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("title")
        writer.string(title)
        writer.key("content")
        content.delta.write(to: &writer)
        writer.endObject()
        var said = "no node answered"
        for node in nodes {
            let path = "/api/documents?user=\(Self.user)"
            guard
                let answer = await LoopbackHTTP.post(path, json: writer.bytes, port: node.port, timeout: .seconds(10))
            else { continue }
            if answer.status == 201, let value = try? JSONValue(utf8: answer.body), let text = value["id"]?.string,
                let id = DocumentID(text)
            {
                recorder.record(.document(.init(id.description, content: content.delta)))
                return id
            }
            said = "\(answer.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))"
        }
        throw ScenarioError("the document could not be created: \(said)")
    }

    /// Reads a document's content; a node that does not answer is one that a fault has.
    func read(_ document: DocumentID, at node: ClusterNode) async {
        let askedAt = HistoryRecorder.now
        let path = "/api/documents/\(document)/content?user=\(Self.user)"
        guard let answer = await LoopbackHTTP.get(path, port: node.port, timeout: .seconds(3)) else { return }
        guard answer.status == 200 else {
            if let value = try? JSONValue(utf8: answer.body), let code = value["error"]?["code"]?.string {
                recorder.record(.failed(.init(document: document.description, code: code)))
            }
            return
        }
        guard let (version, content) = try? Self.content(answer.body) else { return }
        recorder.record(
            .read(
                .init(
                    document: document.description, user: Self.user, askedAt: askedAt, version: version,
                    content: content)))
    }

    private static func content(_ body: [UInt8]) throws -> (Int, Delta) {
        var version: Int?
        var content: Delta?
        try body.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer, maximumDepth: 72)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "version": version = try reader.readInt()
                case "content": content = try Delta(reading: &reader)
                default: try reader.skipValue()
                }
            }
        }
        guard let version, let content else { throw ScenarioError("content without a version") }
        return (version, content)
    }
}
