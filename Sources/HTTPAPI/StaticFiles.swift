import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOPosix
import URLSyntax

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Serves the files of one directory, and nothing that is hidden or outside of it.
struct StaticFiles: Sendable {
    private let files: LocalFileSystem

    init(root: String, logger: Logger) {
        files = LocalFileSystem(rootFolder: root, threadPool: .singleton, logger: logger)
    }

    /// Answers with the file at a percent-encoded path below the root. Browsers keep it and ask whether it has changed.
    func response(_ path: String, _ exchange: Exchange) async throws -> Response {
        guard let path = Self.safePath(path), let id = files.getFileIdentifier(path),
            let attributes = try await files.getAttributes(id: id), !attributes.isFolder
        else { throw APIError.notFound("no such file") }
        let changed = Int64(attributes.modificationDate.timeIntervalSince1970)
        let tag = "\"\(String(attributes.size, radix: 16))-\(String(changed, radix: 16))\""
        var headers: HTTPFields = [
            .eTag: tag, .cacheControl: "no-cache", .contentType: Self.contentType(path),
            .xContentTypeOptions: "nosniff",
        ]
        let known = exchange.request.headers[.ifNoneMatch] ?? ""
        if known.split(separator: ",").contains(where: { $0.trimmingPrefix(" ") == tag }) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentLength] = nil
        return Response(
            status: .ok, headers: headers, body: try await files.loadFile(id: id, context: exchange.context))
    }

    /// The decoded path, if every component of it is an ordinary name.
    static func safePath(_ path: String) -> String? {
        guard let path = try? PercentEncoding.decode(path) else { return nil }
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        let isSafe = components.allSatisfy { component in
            !component.isEmpty && !component.hasPrefix(".")
                && component.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\\") && $0 != 0x7F }
        }
        return isSafe ? path : nil
    }

    private static func contentType(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        let ending = name.contains(".") ? name.split(separator: ".").last.map { $0.lowercased() } : nil
        return ending.flatMap { types[$0] } ?? "application/octet-stream"
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8", "json": "application/json", "map": "application/json",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "ico": "image/x-icon", "woff2": "font/woff2",
        "txt": "text/plain; charset=utf-8", "webmanifest": "application/manifest+json",
    ]
}
