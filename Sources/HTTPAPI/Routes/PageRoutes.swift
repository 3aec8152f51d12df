import HTTPTypes
import Hummingbird
import HummingbirdCore

extension HTTPAPI {
    /// The editor page and the operators' console. `nil`: the node serves none.
    func pageRoutes(_ files: StaticFiles?) -> [Route] {
        guard let files else { return [] }
        return [
            Route(.get, "/") { try await files.response("index.html", $0) },
            Route(.get, "/d/{id}") { try await files.response("index.html", $0) },
            Route(.get, "/console") { try await files.response("console/index.html", $0) },
            Route(.get, "/web/**") { exchange in
                try await files.response(exchange.context.parameters.getCatchAll().joined(separator: "/"), exchange)
            },
        ]
    }
}
