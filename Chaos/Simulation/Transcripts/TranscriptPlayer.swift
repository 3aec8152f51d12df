internal import CollabModel
internal import Delta
internal import DocumentCore
internal import RuntimeTesting

/// Plays the commands of a transcript on a calm cluster: everything takes its shortest time, nothing happens by chance.
final class TranscriptPlayer {
    private var world: SimulatedWorld?
    private var lines: [String] = []

    /// Plays commands and gives back what was told meanwhile.
    func play(_ commands: [String]) -> [String] {
        lines = []
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            if !(play(words) ?? false) { lines.append("?? \(command)") }
        }
        return lines
    }

    /// Ends the cluster; the history of what the editors saw is judged as that of any run.
    func end() {
        guard let world else { return }
        world.end()
        self.world = nil
    }

    /// `nil` or `false`: the command makes no sense.
    private func play(_ words: [String]) -> Bool? {
        guard let first = words.first else { return false }
        if first == "nodes" { return begin(Int(words.last ?? "") ?? 3) }
        guard let world else { return false }
        switch first {
        case "editor": return addEditor(words, world)
        case "run": return run(words, world)
        case "settle": world.scheduler.run(until: world.scheduler.now + 60_000_000) { world.isSettled }
        case "show": show(world)
        case "cut", "heal", "reset": return link(words, world)
        case "redis", "postgres": return server(words, world)
        case "kill", "lose", "stop", "continue", "drain", "start": return node(words, world)
        default: return editor(words, world)
        }
        return true
    }

    private func begin(_ nodes: Int) -> Bool {
        var plan = SimulationPlan(seed: 1, hours: 1)
        plan.isCalm = true
        plan.nodes = nodes
        plan.documents = 1
        plan.editorsPerDocument = 0
        plan.limits = DocumentLimits()
        plan.encodesPeerFrames = true
        plan.streamBound = 4_000
        plan.lanes = 1
        let world = SimulatedWorld(
            plan, narrator: Narrator { [unowned self] in lines.append("\(TranscriptTime($0)) \($1)") })
        self.world = world
        world.begin()
        world.scheduler.run(until: 300_000)
        return true
    }

    // MARK: Editors

    /// `editor NAME on NODE`
    private func addEditor(_ words: [String], _ world: SimulatedWorld) -> Bool? {
        guard words.count == 4, let node = world.nodes.firstIndex(where: { $0.id.text == words[3] }) else { return nil }
        world.addEditor(words[1], on: node)
        return true
    }

    /// `NAME types TEXT [at POSITION]`, `NAME moves to NODE`
    private func editor(_ words: [String], _ world: SimulatedWorld) -> Bool? {
        guard let editor = world.editors.first(where: { $0.name == words[0] }), words.count >= 3 else { return nil }
        switch words[1] {
        case "types":
            let length = editor.machine.content?.length ?? 1
            var delta = Delta()
            delta.retain(words.count == 5 ? Int(words[4]) ?? 0 : length - 1)
            delta.insert(words[2])
            world.scheduler.run(as: editor.process) { editor.edit(delta) }
        case "moves":
            guard let node = world.nodes.firstIndex(where: { $0.id.text == words.last }) else { return nil }
            editor.fixedNode = node
            world.scheduler.run(as: editor.process) { editor.moveOn() }
        default: return nil
        }
        return true
    }

    // MARK: Time

    /// `run 500 ms`, `run 2 s`
    private func run(_ words: [String], _ world: SimulatedWorld) -> Bool? {
        guard words.count == 3, let amount = Int64(words[1]) else { return nil }
        let unit: Int64? = ["ms": 1_000, "s": 1_000_000, "us": 1][words[2]]
        guard let unit else { return nil }
        world.scheduler.run(until: world.scheduler.now + amount * unit)
        return true
    }

    private func show(_ world: SimulatedWorld) {
        for document in world.documents {
            let store = world.postgres.store
            let epochs = store.log(of: document).map(\.epoch)
            let written = Set(epochs).sorted().map { epoch in
                "\(epochs.count { $0 == epoch }) in epoch \(epoch)"
            }.joined(separator: ", ")
            lines.append(
                "the log: epoch \(store.epoch(of: document)), \(epochs.count) operations"
                    + (written.isEmpty ? "" : " (\(written))"))
        }
        for editor in world.editors {
            lines.append(
                "\(editor.name): version \(editor.machine.version), \(editor.machine.isSaved ? "saved" : "not saved")"
                    + "\(editor.machine.isLive ? "" : ", not connected"), "
                    + "\(editor.machine.content.map { $0.delta.description } ?? "nothing")")
        }
    }

    // MARK: What goes wrong

    private func node(_ words: [String], _ world: SimulatedWorld) -> Bool? {
        guard let node = world.nodes.first(where: { $0.id.text == words.last }) else { return nil }
        switch words[0] {
        case "kill": node.crash(.resetting)
        case "lose": node.crash(.silent)
        case "stop": node.stop()
        case "continue": node.resume()
        case "drain": node.drain()
        default: node.start()
        }
        return true
    }

    /// `cut A B` both ways, `cut A → B` one way; `heal` the same; `reset A B`
    private func link(_ words: [String], _ world: SimulatedWorld) -> Bool? {
        guard words.count >= 3, let from = world.host(words[1]), let to = world.host(words[words.count - 1]) else {
            return nil
        }
        let isOneWay = words.count == 4
        switch words[0] {
        case "cut":
            world.network.cut(from: from, to: to)
            if !isOneWay { world.network.cut(from: to, to: from) }
        case "heal":
            world.network.heal(from: from, to: to)
            if !isOneWay { world.network.heal(from: to, to: from) }
        default: for connection in world.network.connections(between: from, and: to) { connection.reset() }
        }
        return true
    }

    /// `redis dies`, `redis starts`, `redis is emptied`, `postgres dies`, `postgres starts`, `postgres commits in MS ms`
    private func server(_ words: [String], _ world: SimulatedWorld) -> Bool? {
        switch words.dropFirst().joined(separator: " ") {
        case "dies" where words[0] == "redis": world.redis.crash(world.network, .resetting)
        case "starts" where words[0] == "redis": world.redis.start(world.network, isEmpty: true)
        case "is emptied": world.redis.store.empty()
        case "dies": world.postgres.crash(world.network, .resetting)
        case "starts": world.postgres.start(world.network)
        default:
            guard words.count == 5, words[1] == "commits", let time = Int64(words[3]) else { return nil }
            world.postgres.faults.commitSlowness = 2 * time * 1_000
        }
        return true
    }
}
