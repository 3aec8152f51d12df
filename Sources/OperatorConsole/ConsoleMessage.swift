package import CollabModel
import JSON
import PeerProtocol

/// What a console is sent: the whole picture, or what has changed since the one before.
package enum ConsoleMessage {
    /// The message `state`, in UTF-8.
    package static func state(_ picture: ClusterPicture, cluster: String, node: NodeID) -> [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.beginObject()
        writer.key("type")
        writer.string("state")
        writer.key("at")
        writer.int(picture.atMilliseconds)
        writer.key("cluster")
        writer.string(cluster)
        writer.key("self")
        writer.string(node.text)
        write(nodes: picture.nodes.values.sorted { $0.record.id < $1.record.id }, to: &writer)
        write(documents: picture.documents.values.sorted { $0.document < $1.document }, to: &writer)
        write(moves: picture.moves, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The message `changes`, in UTF-8.
    package static func changes(from before: ClusterPicture, to after: ClusterPicture) -> [UInt8] {
        let nodes = after.nodes.values.filter { before.nodes[$0.record.id] != $0 }
        let documents = after.documents.values.filter { before.documents[$0.document] != $0 }
        let known = Set(before.moves)
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.key("type")
        writer.string("changes")
        writer.key("at")
        writer.int(after.atMilliseconds)
        write(nodes: nodes.sorted { $0.record.id < $1.record.id }, to: &writer)
        writer.key("removedNodes")
        writer.beginArray()
        for id in before.nodes.keys.sorted() where after.nodes[id] == nil { writer.string(id.text) }
        writer.endArray()
        write(documents: documents.sorted { $0.document < $1.document }, to: &writer)
        writer.key("removedDocuments")
        writer.beginArray()
        for id in before.documents.keys.sorted() where after.documents[id] == nil { writer.string(id.description) }
        writer.endArray()
        write(moves: after.moves.filter { !known.contains($0) }, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(nodes: [ClusterPicture.Node], to writer: inout JSONWriter) {
        writer.key("nodes")
        writer.beginArray()
        for node in nodes {
            writer.beginObject()
            writer.key("id")
            writer.string(node.record.id.text)
            writer.key("incarnation")
            // A string: it does not fit the numbers of JavaScript.
            writer.string(node.record.incarnation.description)
            writer.key("url")
            writer.string(node.record.publicURL)
            writer.key("state")
            writer.string(node.condition.rawValue)
            writer.key("draining")
            writer.bool(node.wasDraining)
            writer.key("documents")
            writer.int(node.record.ownedDocuments)
            writer.key("sessions")
            writer.int(node.record.sessions)
            writer.key("capacity")
            writer.int(node.record.capacity)
            writer.optional("since", node.sinceMilliseconds)
            writer.optional("message", node.message)
            writer.optional("startedAt", node.startedAtMilliseconds)
            writer.rate("editsPerSecond", node.editsPerSecond)
            writer.rate("processors", node.processors)
            writer.optional("memoryBytes", node.residentBytes)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(documents: [ClusterPicture.Document], to writer: inout JSONWriter) {
        writer.key("documents")
        writer.beginArray()
        for each in documents {
            writer.beginObject()
            writer.key("id")
            writer.string(each.document.description)
            writer.optional("title", each.title)
            writer.key("owner")
            writer.string(each.owner.text)
            writer.key("epoch")
            writer.int(each.epoch.value)
            writer.key("version")
            writer.int(each.version.value)
            writer.key("sessions")
            writer.int(each.sessions)
            writer.rate("editsPerSecond", each.editsPerSecond)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(moves: [ClusterPicture.Move], to writer: inout JSONWriter) {
        writer.key("moves")
        writer.beginArray()
        for move in moves {
            writer.beginObject()
            writer.key("document")
            writer.string(move.change.document.description)
            writer.optional("title", move.title)
            writer.key("cause")
            writer.string(move.change.cause.word)
            writer.optional("from", move.change.from?.text)
            writer.key("to")
            writer.string(move.change.to.text)
            writer.key("epoch")
            writer.int(move.change.epoch.value)
            writer.key("version")
            writer.int(move.change.version.value)
            writer.key("at")
            writer.int(move.change.atMilliseconds)
            writer.key("takeoverMicroseconds")
            writer.int(move.change.takeoverMicroseconds)
            writer.optional("gapMicroseconds", move.gapMicroseconds)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension JSONWriter {
    fileprivate mutating func optional(_ name: StaticString, _ value: Int64?) {
        key(name)
        int(orNull: value)
    }

    fileprivate mutating func optional(_ name: StaticString, _ value: String?) {
        key(name)
        string(orNull: value)
    }

    /// Two digits behind the point: more is noise.
    fileprivate mutating func rate(_ name: StaticString, _ value: Double?) {
        key(name)
        if let value { double((value * 100).rounded() / 100) } else { null() }
    }
}
