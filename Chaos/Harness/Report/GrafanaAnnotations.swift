internal import AsyncHTTPClient
internal import Foundation
internal import JSON
internal import NIOCore
internal import NIOHTTP1
internal import Nemeses

/// Tells a Grafana of the faults of a run, so that its dashboard shows them over the nodes' own figures (Grafana HTTP API,
/// "Annotations").
struct GrafanaAnnotations: Sendable {
    let url: String
    let tell: @Sendable (String) -> Void

    /// Posts one annotation for each fault that happened. The environment's `GRAFANA_TOKEN` is sent as a bearer token.
    func post(_ report: ChaosReport) async {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        for fault in report.faults where fault.outcome == .done {
            do {
                try await post(Self.annotation(fault, of: report), to: base + "/api/annotations")
            } catch {
                return tell("Grafana was not told: \(error)")
            }
        }
    }

    static func annotation(_ fault: FaultRecord, of report: ChaosReport) -> [UInt8] {
        func wall(_ time: Int64) -> Int64 { Int64((report.observed.wallOffset + Double(time) / 1e6) * 1e3) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("time")
        writer.int(wall(fault.beganAt))
        writer.key("timeEnd")
        writer.int(wall(fault.endedAt))
        writer.key("tags")
        writer.beginArray()
        for tag in ["collab", "chaos", fault.kind.rawValue] { writer.string(tag) }
        writer.endArray()
        writer.key("text")
        writer.string("\(report.scenario.name) #\(fault.number): \(fault.description)")
        writer.endObject()
        return writer.bytes
    }

    private func post(_ body: [UInt8], to address: String) async throws {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let token = ProcessInfo.processInfo.environment["GRAFANA_TOKEN"] {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        guard (200..<300).contains(answer.status.code) else {
            throw ScenarioError("\(address) answered \(answer.status.code)")
        }
    }
}
