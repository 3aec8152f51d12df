import ClusterCore
package import CollabModel
import Delta
import DocumentCore
import PeerProtocol
package import RuntimePorts

extension ClusterNode: ClusterQueries {
    package func overview() async throws(ClusterQueryError) -> ClusterOverview {
        ClusterOverview(
            name: configuration.clusterName, selfID: services.membership.identity.node,
            members: services.membership.view.members)
    }

    /// The public URLs of the members as they are known now, and of those that were members within a day: the page of a
    /// node that died goes on here.
    package var memberURLs: [String] { services.membership.pageURLs }

    package func place(of document: DocumentID) async throws(ClusterQueryError) -> DocumentPlace {
        let ownership: Ownership
        do {
            guard let row = try await services.log.ownership(of: document) else { throw ClusterQueryError.notFound }
            ownership = row
        } catch let error as ClusterQueryError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
        if let owner = directory.owner(of: document), owner.epoch >= ownership.epoch {
            return DocumentPlace(
                owner: services.membership.identity.node, epoch: owner.epoch, version: ownership.head)
        }
        // A released document keeps the name of its last owner in the log; the lease says whether it is owned now.
        var owner = ownership.owner.flatMap { services.membership.view.contains($0) ? $0.node : nil }
        if let lease = try? await services.leases.lease(of: document) {
            owner = services.membership.view.contains(lease.owner) ? lease.owner.node : nil
        } else if services.membership.trustsAbsence {
            owner = nil
        }
        return DocumentPlace(owner: owner, epoch: ownership.epoch, version: ownership.head)
    }

    package func content(
        of document: DocumentID, at version: Version?
    ) async throws(ClusterQueryError) -> ContentAtVersion {
        do {
            guard let ownership = try await services.log.ownership(of: document) else {
                throw ClusterQueryError.notFound
            }
            let wanted = version ?? ownership.head
            guard wanted >= .initial, wanted <= ownership.head else { throw ClusterQueryError.noSuchVersion }
            let loaded = try await services.loader.load(document, through: wanted, recentLimit: 1)
            return ContentAtVersion(version: loaded.version, content: loaded.content)
        } catch let error as ClusterQueryError {
            throw error
        } catch let damage as DamagedLog {
            throw .damaged(damage.message)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    package func drain(_ node: NodeID) async throws(ClusterQueryError) {
        let response = try await ask(.drain, node)
        guard case .draining = response else { throw .unavailable("\(node) did not accept") }
    }

    package func undrain(_ node: NodeID) async throws(ClusterQueryError) {
        switch try await ask(.undrain, node) {
        case .noted: return
        case .failed(let reason): throw .unavailable("\(node): \(reason)")
        default: throw .unavailable("\(node) did not accept")
        }
    }

    /// Asks a member, which may be this node.
    private func ask(_ request: PeerRequest, _ node: NodeID) async throws(ClusterQueryError) -> PeerResponse {
        if node == services.membership.identity.node {
            return await answer(request, from: services.membership.identity)
        }
        guard let record = services.membership.view.member(node) else { throw .notFound }
        do {
            return try await services.transport.request(request, to: record.peerAddress, timeout: .seconds(2))
        } catch {
            throw .unavailable("\(node): \(error)")
        }
    }

    package func readiness() async -> NodeReadiness {
        let log: DependencyStatus
        do {
            _ = try await services.log.ownership(of: DocumentID(Identifier128(high: 0, low: 0)))
            log = DependencyStatus(name: "postgres", isReady: true, message: "answers")
        } catch {
            log = DependencyStatus(name: "postgres", isReady: false, message: "\(error)")
        }
        // Without Redis a node that has joined goes on: documents are found through PostgreSQL.
        let isReachable = services.membership.isStoreReachable
        let redis = DependencyStatus(
            name: "redis", isReady: isReachable || services.membership.hasJoined,
            message: isReachable ? "answers" : "cannot be reached; documents are found through PostgreSQL")
        let membership = DependencyStatus(
            name: "membership", isReady: services.membership.hasJoined,
            message: "\(services.membership.view.members.count) members")
        return NodeReadiness(
            isDraining: services.membership.record.isDraining, dependencies: [log, redis, membership])
    }
}
