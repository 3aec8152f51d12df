import Logging
import Synchronization

/// Keeps what is logged.
struct RecordingLog: LogHandler {
    struct Line: Sendable, Hashable {
        var level: Logger.Level
        var message: String
        var reason: String?
    }

    private final class Lines: Sendable {
        let lines = Mutex<[Line]>([])
    }

    private let kept = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    var lines: [Line] { kept.lines.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = Line(
            level: event.level, message: "\(event.message)", reason: event.metadata?["reason"].map { "\($0)" })
        kept.lines.withLock { $0.append(line) }
    }
}
