internal import Logging

/// Takes the nodes' log: warnings and worse for the checks, everything for a transcript.
///
/// Sound although unchecked: a simulation has one thread.
struct SimulationLog: LogHandler, @unchecked Sendable {
    let node: String
    let take: (String, Logger.Level, String, Logger.Metadata) -> Void
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = event.metadata ?? [:]
        if let error = event.error { metadata["error_message"] = "\(error)" }
        take(node, event.level, event.message.description, metadata)
    }
}
