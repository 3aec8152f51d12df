package import CollabModel

/// The text form of a node's record: the incarnation alone on the first line, where scripts find it, then a line
/// `field=value` each.
///
/// Lines with unknown fields are passed over, so that nodes of two releases can read each other's records during a
/// rolling upgrade. In a value `%`, line feed and carriage return are written as `%25`, `%0A` and `%0D`.
package enum NodeRecordCoding {
    private enum Field: String {
        case id, host, port, url, capacity, draining, documents, sessions
    }

    package static func text(_ record: NodeRecord) -> String {
        let fields: [(Field, String)] = [
            (.id, record.id.text), (.host, record.peerAddress.host), (.port, String(record.peerAddress.port)),
            (.url, record.publicURL), (.capacity, String(record.capacity)),
            (.draining, record.isDraining ? "1" : "0"), (.documents, String(record.ownedDocuments)),
            (.sessions, String(record.sessions)),
        ]
        return fields.reduce(into: "\(record.incarnation)") { text, field in
            text += "\n\(field.0.rawValue)=\(escaped(field.1))"
        }
    }

    /// Reads the text form; `nil` when a field is missing or makes no sense.
    package static func record(_ text: String) -> NodeRecord? {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), let incarnation = Int64(String(Substring(first))) else { return nil }
        var fields: [Field: String] = [:]
        for line in lines {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            guard let field = Field(rawValue: String(Substring(line[..<equals]))) else { continue }
            guard let value = unescaped(line[line.index(after: equals)...]) else { return nil }
            fields[field] = value
        }
        guard let id = fields[.id].flatMap({ NodeID($0) }), let host = fields[.host],
            let port = fields[.port].flatMap({ Int($0) }), let url = fields[.url],
            let capacity = fields[.capacity].flatMap({ Int($0) }), let draining = fields[.draining],
            let documents = fields[.documents].flatMap({ Int($0) }),
            let sessions = fields[.sessions].flatMap({ Int($0) })
        else { return nil }
        return NodeRecord(
            id: id, incarnation: Incarnation(incarnation), peerAddress: PeerAddress(host: host, port: port),
            publicURL: url, capacity: capacity, isDraining: draining == "1", ownedDocuments: documents,
            sessions: sessions)
    }

    private static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "%"): bytes += "%25".utf8
            case UInt8(ascii: "\n"): bytes += "%0A".utf8
            case UInt8(ascii: "\r"): bytes += "%0D".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ value: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = value
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let first = rest.popFirst(), let second = rest.popFirst(),
                let character = UInt8(String(decoding: [first, second], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(character)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
