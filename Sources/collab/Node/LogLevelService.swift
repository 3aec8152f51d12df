import HTTPAPI
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

/// Changes the level of the node's logs while it runs: reads the setting again at SIGHUP, and does what the HTTP API asks.
struct LogLevelService: Service {
    private let control: LogControl
    private let logger: Logger
    private let hangups: UnixSignalsSequence
    private let read: @Sendable () async throws -> Logger.Level

    /// From now on a SIGHUP does not end the process.
    ///
    /// - Parameter read: reads the setting again.
    init(_ control: LogControl, logger: Logger, read: @escaping @Sendable () async throws -> Logger.Level) async {
        hangups = await UnixSignalsSequence(trapping: .sighup)
        self.control = control
        self.logger = logger
        self.read = read
    }

    /// The level as the HTTP API sees it.
    var api: LogLevel { LogLevel(read: { [control] in control.level }, write: { set($0, by: "api") }) }

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            do {
                set(try await read(), by: "sighup")
            } catch {
                logger.error(
                    "the settings were not read again", error: error, metadata: ["event": "settings_unreadable"])
            }
        }
    }

    private func set(_ level: Logger.Level, by source: String) {
        let before = control.level
        control.level = level
        // At a level that no setting hides, so that it can be seen why lines begin or end.
        logger.critical(
            "the level of the logs was set",
            metadata: [
                "event": "log_level_set", "log_level": "\(level)", "before": "\(before)", "source": "\(source)",
            ])
    }
}
