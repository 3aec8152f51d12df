internal import ArgumentParser
internal import CollabModel
internal import LocalCluster

/// `collab cluster owner`.
struct ClusterOwner: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner", abstract: "Prints the id of the node that owns a document.")

    @OptionGroup var options: ClusterOptions
    @Argument(help: "The document's id.") var document: DocumentID

    func run() async throws {
        let cluster = try await options.cluster()
        let owner = try await options.reportingErrors { try await cluster.owner(of: document) }
        Console.line(owner.text)
    }
}

/// `collab cluster kill`.
struct ClusterKill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Sends a signal to a node or a server: KILL ends it, TERM drains or stops it, STOP and CONT pause it."
    )

    @OptionGroup var options: ClusterOptions
    @Argument(help: ClusterMember.help) var member: ClusterMember
    @Option(help: "KILL, TERM, STOP or CONT.") var signal = "KILL"

    func validate() throws { _ = try chosen }

    func run() async throws {
        let signal = try chosen
        try await options.changing {
            let cluster = try await LocalCluster.open(options.directory)
            switch member {
            case .node(let node): try await cluster.send(signal, to: node)
            case .service(let service): try await cluster.send(signal, to: service)
            }
        }
    }

    private var chosen: ProcessSignal {
        get throws {
            let name = signal.uppercased()
            let signal = ProcessSignal(rawValue: name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name)
            guard let signal, [.kill, .terminate, .stop, .resume].contains(signal) else {
                throw ValidationError("--signal is one of KILL, TERM, STOP, CONT")
            }
            return signal
        }
    }
}

/// `collab cluster start`.
struct ClusterStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts a node or a server that has ended, or a drained node anew; returns when it is ready.")

    @OptionGroup var options: ClusterOptions
    @Argument(help: ClusterMember.help) var member: ClusterMember

    func run() async throws {
        try await options.changing {
            let cluster = try await LocalCluster.open(options.directory)
            switch member {
            case .node(let node): try await cluster.start(node)
            case .service(let service): try await cluster.start(service)
            }
        }
        Console.line("\(member.name) is ready.")
    }
}

/// `collab cluster add`.
struct ClusterAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Starts one more node; returns when it is ready.")

    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let node = try await options.changing { try await LocalCluster.open(options.directory).add() }
        Console.line("\(node.id) is ready at \(node.url)")
    }
}

/// `collab cluster drain`.
struct ClusterDrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Asks a node to hand its documents to others; returns when it has.")

    @OptionGroup var options: ClusterOptions
    @Argument(help: "The node, such as node-1.") var node: NodeID

    func run() async throws {
        // Changes nothing that is written down: other commands, such as a kill, need not wait for it.
        let cluster = try await options.cluster()
        try await options.reportingErrors { try await cluster.drain(node) }
        Console.line(
            "\(node) is drained. `collab cluster start \(node)\(options.directory.option)` lets it take documents again."
        )
    }
}
