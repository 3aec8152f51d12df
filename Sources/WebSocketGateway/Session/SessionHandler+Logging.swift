import CollabModel
import Logging
import NIOCore
import RuntimePorts

// Who came and went, with the event names of the architecture's logging section. No token and no text of a document is
// ever among what is logged: only ids, codes and counts.
extension SessionHandler {
    func logConnect(resumes: Bool) {
        gateway.logger.info(
            "session opened", metadata: sessionMetadata("ws_connect", ["resumed": .stringConvertible(resumes)]))
    }

    func logDisconnect(_ openedAt: NIODeadline) {
        var more: Logger.Metadata = [
            "duration_ms": .stringConvertible((NIODeadline.now() - openedAt).nanoseconds / 1_000_000)
        ]
        // None: the connection was lost without a word.
        if let closeCode { more["code"] = .stringConvertible(Int(closeCode)) }
        gateway.logger.info("session ended", metadata: sessionMetadata("ws_disconnect", more))
    }

    func logRefusal(_ code: CloseCode, _ reason: String) {
        gateway.logger.debug(
            "session refused",
            metadata: sessionMetadata(
                "ws_refused", ["code": .stringConvertible(Int(code.rawValue)), "reason": "\(reason)"]))
    }

    private func sessionMetadata(_ event: String, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["event"] = "\(event)"
        if let clientID { metadata["client_id"] = "\(clientID)" }
        if let document { metadata["document_id"] = "\(document)" }
        if let userID { metadata["user_id"] = "\(userID)" }
        return metadata
    }
}
