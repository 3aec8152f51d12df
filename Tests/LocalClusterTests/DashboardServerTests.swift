import Foundation
import Testing

@testable import LocalCluster

@Suite("What draws the dashboards")
struct DashboardServerTests {
    @Test("the page has its dashboards, asks Prometheus what it needs and nothing else, and keeps annotations")
    func page() async throws {
        try await withLocalCluster(nodes: 0, services: [.prometheus]) { cluster in
            let server = cluster.dashboards
            try await server.start(asking: cluster.prometheus.url, with: nil)
            func status(_ path: String) async -> Int? { await LoopbackHTTP.get(path, port: server.port)?.status }
            func text(_ path: String) async -> String {
                String(decoding: await LoopbackHTTP.get(path, port: server.port)?.body ?? [], as: UTF8.self)
            }

            #expect(await status("/") == 200)
            #expect(await status("/app.js") == 200)
            #expect(await status("/dashboards/collab-sli.json") == 200)
            #expect(await status("/runbooks/NodeDown.md") == 200)
            #expect(await status("/dashboards/../Package.swift") == 404)
            #expect(await status("/prometheus/api/v1/query?query=1") == 200)
            #expect(await status("/prometheus/api/v1/query?query=sum%28") == 400)
            #expect(await status("/prometheus/api/v1/status/config") == 404)

            let annotation = #"{"time":1000,"timeEnd":2000,"tags":["collab","chaos"],"text":"node-1 was killed"}"#
            let posted = await LoopbackHTTP.post("/api/annotations", json: Array(annotation.utf8), port: server.port)
            #expect(posted?.status == 200)
            let bad = await LoopbackHTTP.post("/api/annotations", json: Array("{}".utf8), port: server.port)
            #expect(bad?.status == 400)
            // They outlive the server.
            try await server.stop()
            try await server.start(asking: cluster.prometheus.url, with: nil)
            #expect(await text("/api/annotations?from=1500&to=3000").contains("node-1 was killed"))
            #expect(await text("/api/annotations?from=2500&to=3000") == "[]")
            try await server.stop()
        }
    }

    @Test("an installed Grafana is started with everything that it reads, and the page takes its place when it fails")
    func grafana() async throws {
        try await withLocalCluster(nodes: 0, services: [.prometheus]) { cluster in
            let server = cluster.dashboards
            let seen = cluster.directory.path + "/seen"
            // Stands in for Grafana: writes its settings down and answers at the port that it was told.
            let script = """
                #!/bin/sh
                env >'\(seen)'
                mkdir -p "$GF_PATHS_DATA/api" && cd "$GF_PATHS_DATA" && echo ok >api/health
                exec python3 -m http.server --bind "$GF_SERVER_HTTP_ADDR" "$GF_SERVER_HTTP_PORT"
                """
            try await server.start(
                asking: cluster.prometheus.url, with: try executable(script, "grafana", in: cluster))
            #expect(await LoopbackHTTP.get("/api/health", port: server.port)?.status == 200)
            try await server.stop()

            let lines = try String(contentsOfFile: seen, encoding: .utf8).split(separator: "\n")
            let settings = Dictionary(
                lines.compactMap { line in
                    line.firstIndex(of: "=").map { (line[..<$0], line[line.index(after: $0)...]) }
                }, uniquingKeysWith: { $1 })
            #expect(settings["PROMETHEUS_URL"] == Substring(cluster.prometheus.url))
            for (name, file) in [
                ("GF_PATHS_PROVISIONING", "datasources/prometheus.yml"),
                ("GF_PATHS_PROVISIONING", "dashboards/collab.yml"), ("COLLAB_DASHBOARDS", "collab-sli.json"),
            ] {
                let place = try #require(settings[Substring(name)])
                #expect(FileManager.default.fileExists(atPath: "\(place)/\(file)"))
            }

            let broken = try executable("#!/bin/sh\nexit 1\n", "broken", in: cluster)
            try await server.start(asking: cluster.prometheus.url, with: broken)
            #expect(await LoopbackHTTP.get("/app.js", port: server.port)?.status == 200)
            try await server.stop()
        }
    }

    private func executable(_ script: String, _ name: String, in cluster: LocalCluster) throws -> String {
        let path = "\(cluster.directory.path)/\(name)"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }
}
