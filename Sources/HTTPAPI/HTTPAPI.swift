import CollabModel
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
package import RuntimePorts

/// The HTTP side of a node (HTTPAPI.md), as a router of Hummingbird.
package struct HTTPAPI: Sendable {
    let configuration: HTTPAPIConfiguration
    let catalog: any DocumentCatalog
    let log: any OperationLog
    let cluster: any ClusterQueries
    let operators: any OperatorStore
    let reports: any ClusterReports
    let access: RequestAccess
    let origins: OriginPolicy
    let metrics: any GatewayMetrics
    let scrape: @Sendable (_ accept: String?) async -> Scrape
    let logLevel: LogLevel
    let logger: Logger

    /// - Parameters:
    ///   - origins: the pages that may use the API.
    ///   - scrape: the node's metrics, in the format that a request's `Accept` asks for.
    ///   - logLevel: the level of this node's logs, for operators.
    ///   - logger: takes failures of the node's own at `error`.
    package init(
        _ configuration: HTTPAPIConfiguration, catalog: any DocumentCatalog, log: any OperationLog,
        cluster: any ClusterQueries, operators: any OperatorStore, reports: any ClusterReports,
        authenticator: any Authenticator, authorizer: any Authorizer, origins: OriginPolicy,
        metrics: any GatewayMetrics, scrape: @escaping @Sendable (_ accept: String?) async -> Scrape,
        logLevel: LogLevel, logger: Logger
    ) {
        self.configuration = configuration
        self.catalog = catalog
        self.log = log
        self.cluster = cluster
        self.operators = operators
        self.reports = reports
        access = RequestAccess(authenticator: authenticator, authorizer: authorizer)
        self.origins = origins
        self.metrics = metrics
        self.scrape = scrape
        self.logLevel = logLevel
        self.logger = logger
    }

    /// Builds the router with every route of this API.
    package func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: RequestMetrics(metrics: metrics))
        router.add(middleware: CrossOrigin(origins: origins))
        router.add(middleware: ErrorResponses(logger: logger))
        let routes =
            documentRoutes + contentRoutes + clusterRoutes + consoleRoutes + nodeRoutes
            + pageRoutes(configuration.webRoot.map { StaticFiles(root: $0, logger: logger) })
        for (path, routes) in Dictionary(grouping: routes, by: \.path) {
            var allowed: [HTTPRequest.Method] = []
            for route in routes {
                // Whoever may GET may HEAD; the server leaves the body out.
                for method in route.method == .get ? [.get, .head] : [route.method] {
                    allowed.append(method)
                    router.on(RouterPath(path), method: method) { request, context in
                        let response = try await route.handler(try Exchange(request: request, context: context))
                        return method == .head ? response.createHeadResponse() : response
                    }
                }
            }
            refuseOtherMethods(than: allowed, at: path, in: router)
        }
        return router
    }

    private func refuseOtherMethods(
        than allowed: [HTTPRequest.Method], at path: String, in router: Router<BasicRequestContext>
    ) {
        let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        let allow = allowed.map(\.rawValue).joined(separator: ", ")
        for method in all where !allowed.contains(method) {
            router.on(RouterPath(path), method: method) { _, _ -> Response in
                throw APIError(.methodNotAllowed, "method_not_allowed", "use \(allow)", headers: [.allow: allow])
            }
        }
    }
}
