import CollabModel
import Delta
import JSON
import LocalCluster

/// An answer of the HTTP API.
struct Answer: Sendable {
    var status: Int
    var body: JSONValue

    /// The code of an error.
    var errorCode: String? { body["error"]?["code"]?.string }
}

extension ClusterNode {
    struct NoAnswer: Error {
        var path: String
    }

    func get(_ path: String) async throws -> Answer {
        try answer(await LoopbackHTTP.get(path, port: port, timeout: .seconds(10)), path)
    }

    func post(_ path: String, _ body: String) async throws -> Answer {
        try answer(await LoopbackHTTP.post(path, json: Array(body.utf8), port: port, timeout: .seconds(10)), path)
    }

    func put(_ path: String, _ body: String) async throws -> Answer {
        try answer(await LoopbackHTTP.put(path, json: Array(body.utf8), port: port, timeout: .seconds(10)), path)
    }

    func delete(_ path: String) async throws -> Answer {
        try answer(await LoopbackHTTP.delete(path, port: port, timeout: .seconds(10)), path)
    }

    private func answer(_ response: LoopbackHTTP.Response?, _ path: String) throws -> Answer {
        guard let response else { throw NoAnswer(path: path) }
        return Answer(
            status: response.status, body: response.body.isEmpty ? .null : try JSONValue(utf8: response.body))
    }

    /// The document as this node serves it; `nil` when it does not.
    func content(of document: DocumentID) async throws -> (version: Version, content: DocumentContent)? {
        guard let answer = try? await get("/api/documents/\(document)/content?user=check"), answer.status == 200,
            let version = answer.body["version"]?.int, let ops = answer.body["content"]
        else { return nil }
        return (Version(Int64(version)), try DocumentContent(Delta(jsonUTF8: ops.canonicalUTF8)))
    }

    /// One of the node's metrics, summed over its labels; 0 when there is none.
    func metric(_ name: String) async throws -> Double {
        let response = await LoopbackHTTP.get("/metrics", port: port, timeout: .seconds(5))
        guard let response, response.status == 200 else { throw NoAnswer(path: "/metrics") }
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("\(name){") || $0.hasPrefix("\(name) ") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }
}
