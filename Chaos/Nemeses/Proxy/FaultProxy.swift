package import NIOCore
internal import NIOPosix

/// Stands in front of TCP links and makes them fail as asked: any number of links in one process.
///
/// Without conditions it passes everything on as it comes. A condition holds for connections that there are and for new
/// ones, until it is lifted; several at once add up. A connection that is dialled while its link is cut is accepted, for
/// that is what the system does, and then hears nothing.
package actor FaultProxy {
    /// A condition in force.
    package struct Imposition: Sendable, Hashable {
        fileprivate let number: Int
    }

    /// How a listener knows who dials it.
    package enum Dialler: Sendable {
        /// It is always the same.
        case always(String)
        /// Whoever dials from an address; from any other, `otherwise`.
        case bySourceHost([String: String], otherwise: String)

        /// Everybody who may dial.
        var names: [String] {
            switch self {
            case .always(let name): [name]
            case .bySourceHost(let names, _): Array(names.values)
            }
        }

        func name(of address: SocketAddress?) -> String {
            switch self {
            case .always(let name): name
            case .bySourceHost(let names, let otherwise): address?.ipAddress.flatMap { names[$0] } ?? otherwise
            }
        }
    }

    private struct Listener {
        var party: String
        var address: SocketAddress
        var target: SocketAddress
        var dialler: Dialler
        /// `nil` while every dialler is refused.
        var channel: (any Channel)?

        var links: Set<Link> { Set(dialler.names.map { Link(from: $0, to: party) }) }
    }

    private let group: any EventLoopGroup
    private let board = LinkBoard()
    private var listeners: [Listener] = []
    private var isClosed = false

    /// Makes a proxy without links.
    package init(group: any EventLoopGroup) { self.group = group }

    /// Listens for a party, and passes on what comes.
    ///
    /// - Parameters:
    ///   - party: the name of who listens behind the proxy.
    ///   - address: where the proxy listens; port 0 lets the system choose.
    ///   - target: where the party listens itself.
    ///   - dialler: how those are told apart who dial.
    /// - Returns: where the proxy listens.
    @discardableResult
    package func listen(
        for party: String, at address: SocketAddress, to target: SocketAddress, dialler: Dialler
    ) async throws -> SocketAddress {
        var listener = Listener(party: party, address: address, target: target, dialler: dialler)
        let channel = try await bind(listener)
        listener.channel = channel
        listener.address = channel.localAddress ?? address
        listeners.append(listener)
        return listener.address
    }

    /// The links that the listeners were told of.
    package var links: Set<Link> { listeners.reduce(into: []) { $0.formUnion($1.links) } }

    /// How many connections of some links there are.
    package func connectionCount(of links: Set<Link>) -> Int { board.connections(of: links).count }

    /// How many bytes of some links wait in the proxy: bounded for each connection, whatever its sender does.
    package func waitingBytes(of links: Set<Link>) async -> Int {
        var bytes = 0
        for connection in board.connections(of: links) { bytes += await connection.waitingBytes }
        return bytes
    }

    /// Makes links fail until ``lift(_:)``; returns when the condition holds everywhere.
    package func impose(_ condition: LinkCondition, on links: Set<Link>) async throws -> Imposition {
        let number = board.impose(condition, on: links)
        try await changed(links)
        return Imposition(number: number)
    }

    /// Takes a condition back; returns when it holds nowhere. Lifting twice is the same as once.
    package func lift(_ imposition: Imposition) async throws {
        let links = board.lift(imposition.number)
        guard !links.isEmpty else { return }
        try await changed(links)
    }

    /// Closes the connections of links once, as programs do that close their sockets.
    package func drop(_ links: Set<Link>) async {
        for connection in board.connections(of: links) { await connection.drop() }
    }

    /// Resets the connections of links once.
    package func reset(_ links: Set<Link>) async {
        for connection in board.connections(of: links) { await connection.reset() }
    }

    /// Ends everything.
    package func close() async {
        isClosed = true
        for listener in listeners { try? await listener.channel?.close().get() }
        listeners = []
        for connection in board.connections(of: nil) { await connection.reset() }
    }

    private func changed(_ links: Set<Link>) async throws {
        for index in listeners.indices where !listeners[index].links.isDisjoint(with: links) {
            try await adjust(index)
        }
        for connection in board.connections(of: links) { await connection.conditionChanged() }
    }

    /// Closes a listener that nobody may reach, so that the system refuses for it, and opens it again.
    private func adjust(_ index: Int) async throws {
        let listener = listeners[index]
        let refusesAll = listener.links.allSatisfy { board.condition(of: $0).refuses }
        if refusesAll, let channel = listener.channel {
            listeners[index].channel = nil
            try await channel.close().get()
        } else if !refusesAll, listener.channel == nil, !isClosed {
            let channel = try await bind(listener)
            listeners[index].channel = channel
        }
    }

    private func bind(_ listener: Listener) async throws -> any Channel {
        let board = board
        let (party, target, dialler) = (listener.party, listener.target, listener.dialler)
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ProxyAcceptHandler(party: party, dialler: dialler, target: target, board: board))
                }
            }
            .bind(to: listener.address).get()
    }
}
