import CollabClient
import CollabModel
import Delta
import NIOCore
import Synchronization

/// What happened to an editor's session, told on its loop and read by the test.
final class EditRecord: Sendable {
    struct Entries: Sendable {
        var acknowledgements: [DocumentLog.Acknowledgement] = []
        /// When an operation was acknowledged.
        var ackTimes: [NIODeadline] = []
        var disconnections: [String] = []
        var connections: [String] = []
        var errors: [String] = []
        var refusals: [String] = []
        var end: CloseCode?
        /// The lines that were typed.
        var lines: [String] = []
    }

    private let entries = Mutex(Entries())

    var now: Entries { entries.withLock { $0 } }

    func change(_ body: (inout Entries) -> Void) { entries.withLock { body(&$0) } }
}

/// Writes down what a session tells.
final class RecordingObserver: SessionObserver {
    private let record: EditRecord
    var client: () -> ClientID? = { nil }

    init(_ record: EditRecord) { self.record = record }

    func acknowledged(_ id: OperationID, at version: Version, isExact: Bool) {
        guard let client = client() else { return }
        record.change {
            $0.acknowledgements.append(
                .init(client: client, operationID: id.text, version: isExact ? version : nil))
            $0.ackTimes.append(.now())
        }
    }

    func connected(to url: String, isReconnect: Bool) { record.change { $0.connections.append(url) } }

    func disconnected(from url: String, code: UInt16?, reason: String) {
        record.change { $0.disconnections.append("\(url) \(code.map(String.init) ?? "-") \(reason)") }
    }

    func refused(_ delta: Delta, reason: String) { record.change { $0.refusals.append("\(delta): \(reason)") } }
    func failed(_ code: ErrorCode, _ message: String) { record.change { $0.errors.append("\(code): \(message)") } }
    func ended(_ code: CloseCode) { record.change { $0.end = code } }
}
