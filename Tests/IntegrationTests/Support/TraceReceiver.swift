import Foundation
import LocalCluster

/// A real OTLP receiver, Rotel, that prints what it gets.
struct TraceReceiver {
    /// A span as the receiver has printed it.
    struct Span {
        var name = ""
        var trace = ""
        var id = ""
        var parent = ""
        /// Its attributes and those of its resource.
        var attributes: [String: String] = [:]
    }

    let url: String
    private let log: String
    private let process: ProcessIdentity

    /// The program: named by the environment, on the path, or in the Python package that brings it (`pip install rotel`).
    static let program: String? = {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["COLLAB_ROTEL"].map { [$0] } ?? []
        let onPath = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/rotel-agent" }
        let found = (named + onPath).first { FileManager.default.isExecutableFile(atPath: $0) }
        return found ?? inPackage()
    }()

    /// Where Python would take the package from.
    private static func inPackage() -> String? {
        let find = """
            import importlib.util
            found = importlib.util.find_spec("rotel")
            print(found.submodule_search_locations[0] if found else "")
            """
        let python = Process()
        let output = Pipe()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        python.arguments = ["python3", "-c", find]
        python.standardOutput = output
        python.standardError = FileHandle.nullDevice
        guard (try? python.run()) != nil else { return nil }
        let folder = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        let path = folder.trimmingCharacters(in: .whitespacesAndNewlines) + "/rotel-agent"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Starts a receiver on two ports of the block and runs `body`; always ends it.
    static func run<Result>(_ body: (TraceReceiver) async throws -> Result) async throws -> Result {
        let block = try PortBlock()
        let program = Self.program ?? "rotel-agent"
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("rotel-\(UUID().uuidString).log").path
        let process = try Program(
            program,
            [
                "start", "--otlp-grpc-endpoint", "127.0.0.1:\(block[0])", "--otlp-http-endpoint",
                "127.0.0.1:\(block[1])", "--exporter", "blackhole", "--debug-log", "traces", "--debug-log-verbosity",
                "detailed",
            ]
        ).start(log: log)
        let receiver = TraceReceiver(url: "http://127.0.0.1:\(block[1])", log: log, process: process)
        let result: Swift.Result<Result, any Error>
        do {
            try await eventually("the receiver runs") { !LoopbackPort.isFree(block[1]) }
            result = .success(try await body(receiver))
        } catch {
            result = .failure(error)
        }
        try process.send(.kill)
        _ = await process.waitForExit(within: .seconds(5))
        try? FileManager.default.removeItem(atPath: log)
        withExtendedLifetime(block) {}
        return try result.get()
    }

    /// The spans that have arrived.
    func spans() throws -> [Span] {
        var spans: [Span] = []
        var resource: [String: String] = [:]
        var isResource = false
        for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
            let text = line.trimmingCharacters(in: .whitespaces)
            let parts = text.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if text.hasPrefix("ResourceSpans") {
                resource = [:]
                isResource = true
            } else if text.hasPrefix("Span #") {
                isResource = false
                spans.append(Span(attributes: resource))
            } else if text.hasPrefix("-> "), parts.count == 2 {
                let value = parts[1].split(separator: "(", maxSplits: 1).last.map { String($0.dropLast()) } ?? ""
                let name = String(parts[0].dropFirst(3))
                if isResource { resource[name] = value } else { spans[spans.count - 1].attributes[name] = value }
            } else if parts.count == 2, !spans.isEmpty, !isResource {
                switch parts[0] {
                case "Trace ID": spans[spans.count - 1].trace = parts[1]
                case "Parent ID": spans[spans.count - 1].parent = parts[1]
                case "ID": spans[spans.count - 1].id = parts[1]
                case "Name": spans[spans.count - 1].name = parts[1]
                default: break
                }
            }
        }
        return spans
    }
}
