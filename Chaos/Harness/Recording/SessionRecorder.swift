internal import CollabClient
internal import CollabModel
internal import Delta
internal import HistoryChecker
internal import SessionProtocol

/// Writes down what one client sends and is told, connection by connection. Lives on the client's event loop.
final class SessionRecorder: FrameTap {
    private let name: String
    private let document: String
    private let user: String
    private let recorder: HistoryRecorder
    private let figures: LoadFigures
    /// Which node stands behind a URL.
    private let nodes: [String: String]
    private var connection: UInt64?
    private var asked = 0
    /// The clients that this one was told of, as its messages name them.
    private let recordsPresence: Bool

    init(
        number: Int, document: DocumentID, user: String, nodes: [String: String], recordsPresence: Bool,
        recorder: HistoryRecorder, figures: LoadFigures
    ) {
        name = "client-\(number)"
        self.document = document.description
        self.user = user
        self.nodes = nodes
        self.recordsPresence = recordsPresence
        self.recorder = recorder
        self.figures = figures
    }

    /// The present connection's name in the history; `nil` while there is none.
    var session: String? { connection.map { "\(name).\($0)" } }

    func opening(_ connection: UInt64, to url: String, as client: ClientID?, from version: Version?) {
        if let open = self.connection { closed(open, code: nil) }
        self.connection = connection
        asked = version.map { Int($0.value) } ?? 0
        record { session in
            .opened(
                .init(
                    session: session, document: document, user: user, node: nodes[url],
                    client: client?.description))
        }
    }

    func sending(_ frame: ClientFrame, on connection: UInt64) {
        guard connection == self.connection, case .operation(let id, let base, let delta, _, _) = frame else { return }
        record { session in
            .submitted(
                .init(session: session, operationID: id.text, version: Int(base.value), operation: delta))
        }
    }

    func received(_ frame: ServerFrame, on connection: UInt64) {
        guard connection == self.connection else { return }
        switch frame {
        case .initial(let opening):
            record { session in
                .initial(
                    .init(
                        session: session, client: opening.clientID.description, version: Int(opening.version.value),
                        content: opening.content, digest: opening.digest,
                        permission: .init(rawValue: "\(opening.permission)"),
                        lastOperationID: opening.lastOperationID?.text))
            }
        case .catchUp(let catchUp):
            record { session in
                .caughtUp(
                    .init(
                        session: session, client: catchUp.clientID.description, asked: asked,
                        operations: catchUp.operations.map { HistoryEvent.SeenOperation($0) },
                        head: Int(catchUp.head.value),
                        // A node tells the digest of the version that this message brings, a history that of the head.
                        digest: catchUp.version == catchUp.head ? catchUp.digest : nil,
                        permission: .init(rawValue: "\(catchUp.permission)")))
            }
        case .ack(let id, let version, let digest):
            record { session in
                .acknowledged(
                    .init(session: session, operationID: id.text, version: Int(version.value), digest: digest))
            }
        case .operations(let operations):
            record { session in
                .seen(.init(session: session, operations.map { HistoryEvent.SeenOperation($0) }))
            }
        case .resync(let resync):
            record { session in
                .resynced(
                    .init(
                        session: session, client: resync.clientID?.description, version: Int(resync.version.value),
                        content: resync.content, digest: resync.digest,
                        permission: resync.permission.flatMap { .init(rawValue: "\($0)") },
                        lastOperationID: resync.lastOperationID?.text, rejected: resync.rejected?.text))
            }
        case .cursor(let client, let version, _):
            guard recordsPresence else { break }
            record { session in
                .presence(session: session, client: client.description, version: Int(version.value))
            }
        case .permission(let permission):
            record { session in .init(rawPermission: "\(permission)", of: session) }
        case .degraded:
            figures.degraded()
            record { session in .degraded(session: session) }
        case .restored: record { session in .restored(session: session) }
        case .error(let code, _, let id):
            figures.failed(code.rawValue)
            record { session in
                .failed(.init(session: session, code: code.rawValue, operationID: id?.text))
            }
        case .clientLeft(let client): figures.left(client.clientID, at: HistoryRecorder.now)
        case .selection, .clientJoined, .comment, .pong, .unknown: break
        }
    }

    func closed(_ connection: UInt64, code: UInt16?) {
        guard connection == self.connection else { return }
        record { session in .closed(.init(session: session, code: code.map { Int($0) })) }
        self.connection = nil
    }

    /// Writes down what the client holds, when nothing of its own is pending.
    func holds(_ content: DocumentContent, at version: Version, wholly: Bool) {
        record { session in
            .held(
                .init(
                    session: session, version: Int(version.value), digest: content.digest,
                    content: wholly ? content.delta : nil))
        }
    }

    private func record(_ kind: (String) -> HistoryEvent.Kind?) {
        guard let session, let kind = kind(session) else { return }
        recorder.record(kind)
    }
}

extension HistoryEvent.SeenOperation {
    fileprivate init(_ operation: RemoteOperation) {
        self.init(
            version: Int(operation.version.value), client: operation.clientID.description,
            operation: operation.delta, operationID: operation.operationID?.text)
    }
}

extension HistoryEvent.Kind {
    /// `nil` for a permission that the history does not have.
    fileprivate init?(rawPermission text: String, of session: String) {
        guard let permission = HistoryEvent.Permission(rawValue: text) else { return nil }
        self = .permission(session: session, permission)
    }
}
