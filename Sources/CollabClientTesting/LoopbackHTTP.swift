import CollabModel
import Delta
import DocumentCore
import JSON
import NIOCore
import NIOHTTP1
import URLSyntax

/// The part of the HTTP API that a load needs.
final class LoopbackHTTP: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let state: LoopbackState
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(state: LoopbackState) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            let (status, bytes) = answer(head)
            var headers = HTTPHeaders()
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: "\(bytes.count)")
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))),
                promise: nil)
            context.write(
                wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead) -> (HTTPResponseStatus, [UInt8]) {
        guard let target = try? RequestTarget(head.uri) else { return (.badRequest, []) }
        let (parts, query) = (target.path.split(separator: "/"), target.parameters)
        guard parts.count >= 2, parts[0] == "api", parts[1] == "documents" else { return (.notFound, []) }
        if parts.count == 2, head.method == .POST { return create() }
        guard parts.count == 4, let id = DocumentID(parts[2]), let document = state.documents[id] else {
            return (.notFound, [])
        }
        switch parts[3] {
        case "content": return (.ok, content(document))
        case "operations":
            let after = Version(query["after"].flatMap { Int64($0) } ?? 0)
            return (.ok, operations(document, after, limit: query["limit"].flatMap { Int($0) } ?? 50))
        default: return (.notFound, [])
        }
    }

    private func create() -> (HTTPResponseStatus, [UInt8]) {
        do {
            let value = try JSONValue(utf8: Array(body.readableBytesView))
            let content = try value["content"].map { try DocumentContent(Delta(jsonUTF8: $0.canonicalUTF8)) }
            let id = state.create(content ?? DocumentContent())
            return (.created, JSONValue.object(JSONObject([.init(key: "id", value: .string("\(id)"))])).canonicalUTF8)
        } catch {
            return (.badRequest, Array("\(error)".utf8))
        }
    }

    private func content(_ document: LoopbackDocument) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("version")
        writer.int(document.owner.committedVersion.value)
        writer.key("content")
        document.owner.committed.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func operations(_ document: LoopbackDocument, _ after: Version, limit: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for operation in document.shownLog(after: after, limit: limit) {
            writer.beginObject()
            writer.key("version")
            writer.int(operation.version.value)
            writer.key("clientId")
            writer.string(operation.clientID.description)
            writer.key("operationId")
            writer.string(operation.operationID.text)
            writer.key("digest")
            writer.string(operation.digest.description)
            writer.key("operation")
            writer.raw(operation.encodedDelta)
            writer.endObject()
        }
        writer.endArray()
        writer.key("next")
        writer.null()
        writer.endObject()
        return writer.bytes
    }
}
