import CollabModel
import Delta
import DocumentCore
import Randomness

/// A document, its log, three nodes and their editors in one thread with a virtual clock: real machines, a network that
/// delays, cuts and reorders between channels, and a checker that knows nothing of how the machines work.
final class Arena {
    struct Faults {
        /// Connections of editors and streams between nodes are cut now and then.
        var cuts = false
        /// The owner's node dies now and then; another takes the document over.
        var kills = false
        /// The owner is stopped while another takes over, and goes on later.
        var zombies = false
        /// The document is handed over now and then; sometimes the successor's answer is lost.
        var handOffs = false
        /// The log cannot be reached for a while.
        var logOutages = false
        /// Outboxes fill up and drain.
        var slowSessions = false
        /// The lease lapses and is found to be still ours.
        var lapses = false
        /// Editors delete and format what others have written.
        var deletes = false
    }

    let scheduler = Scheduler()
    let log = LogModel()
    let faults: Faults
    let limits: DocumentLimits
    var random: SplitMix64
    var nodes: [ArenaNode] = []
    var editors: [ArenaEditor] = []
    /// Who owns the document as far as everybody can find out; `nil`: nobody.
    var owner: ArenaOwner?
    var owners: [ArenaOwner] = []
    /// Every operation that an editor was told is durable, and its version.
    var acknowledged: [(client: ClientID, operation: OperationID, version: Version)] = []
    private(set) var violations: [String] = []
    var isHealing = false
    var takeovers = 0
    private var isClaiming = false

    init(seed: UInt64, faults: Faults, limits: DocumentLimits = .init(), nodes: Int = 3, editors: Int = 10) {
        random = SplitMix64(seed: seed)
        self.faults = faults
        self.limits = limits
        self.nodes = (0..<nodes).map { ArenaNode(number: $0, arena: self) }
        self.editors = (0..<editors).map { ArenaEditor(number: $0, arena: self, seed: seed) }
    }

    func draw(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
    func chance(_ percent: Int64) -> Bool { draw(1...100) <= percent }
    func violate(_ text: String) { if violations.count < 20 { violations.append("\(scheduler.now): \(text)") } }

    /// Lets everybody work for a while with faults, then mends everything and waits until all is quiet.
    func run(edits: Int, seconds: Int64) {
        for editor in editors { editor.start() }
        for node in nodes { every(250_000) { node.replicaTick() } }
        every(250_000) { [self] in owner?.tick() }
        for _ in 0..<edits {
            let editor = editors[Int(draw(0...Int64(editors.count - 1)))]
            scheduler.at(draw(10_000...seconds * 1_000_000)) { editor.edit() }
        }
        scheduleFaults(seconds)
        scheduler.run(until: seconds * 1_000_000)
        isHealing = true
        log.isReachable = true
        for owner in owners { owner.logChanged() }
        for node in nodes { node.drainOutboxes() }
        for second in 1...60 {
            scheduler.run(until: (seconds + Int64(second)) * 1_000_000)
            if isQuiet { break }
        }
    }

    /// Whether every editor has nothing left to say and everybody has been told everything.
    private var isQuiet: Bool {
        editors.allSatisfy { $0.machine.isLive && $0.machine.isSaved && $0.machine.version == log.head }
            && nodes.allSatisfy { $0.replica.sessionCount == 0 || $0.replica.version == log.head }
    }

    private func every(_ period: Int64, _ action: @escaping () -> Void) {
        scheduler.after(period) { [self] in
            action()
            every(period, action)
        }
    }

    // MARK: Owning

    /// Finds the owner, or makes this node claim the document if it has none.
    func locate(_ found: @escaping (ArenaOwner) -> Void) {
        if let owner, owner.isAlive {
            scheduler.after(draw(100...2_000)) { found(owner) }
            return
        }
        guard !isClaiming else {
            scheduler.after(5_000) { [self] in locate(found) }
            return
        }
        isClaiming = true
        claim(at: nodes.filter(\.isAlive).randomElement(using: &random)) { [self] claimed in
            isClaiming = false
            if let claimed { found(claimed) } else { scheduler.after(20_000) { [self] in locate(found) } }
        }
    }

    /// Raises the epoch and loads the document: from the node's warm replica when it has one, else from the log.
    func claim(at node: ArenaNode?, believed: Epoch? = nil, _ done: @escaping (ArenaOwner?) -> Void) {
        let believed = believed ?? log.epoch
        scheduler.after(draw(500...5_000)) { [self] in
            guard let node, node.isAlive, log.isReachable, let epoch = log.takeOver(believed: believed) else {
                done(nil)
                return
            }
            takeovers += 1
            guard let machine = load(at: node, epoch: epoch) else {
                done(nil)
                return
            }
            let claimed = ArenaOwner(machine, node: node, arena: self)
            owner = claimed
            owners.append(claimed)
            done(claimed)
        }
    }

    private func load(at node: ArenaNode, epoch: Epoch) -> OwnerMachine? {
        var content = DocumentContent()
        var start = Version.initial
        var recent: [CommittedOperation] = []
        if let warm = node.replica.content, node.replica.version <= log.head {
            content = warm
            start = node.replica.version
            recent = node.replica.recentOperations
        }
        let missing = log.operations(after: start, through: log.head)
        do {
            for row in missing { try content.apply(row.delta) }
        } catch {
            violate("the log does not replay: \(error)")
            return nil
        }
        return OwnerMachine(
            document: sampleDocument, identity: identity(node.number), epoch: epoch, content: content,
            version: log.head, recent: recent + missing, limits: limits)
    }

    // MARK: Faults

    private func scheduleFaults(_ seconds: Int64) {
        let end = seconds * 1_000_000
        func sometimes(_ count: ClosedRange<Int64>, _ fault: @escaping () -> Void) {
            for _ in 0..<draw(count) { scheduler.at(draw(100_000...end), fault) }
        }
        if faults.cuts {
            sometimes(5...20) { [self] in editors.randomElement(using: &random)?.loseConnection() }
            sometimes(2...8) { [self] in nodes.randomElement(using: &random)?.loseLink() }
        }
        if faults.kills { sometimes(1...3) { [self] in owner?.node.crash() } }
        if faults.zombies { sometimes(1...3) { [self] in stopOwner() } }
        if faults.handOffs { sometimes(1...5) { [self] in handOff() } }
        if faults.logOutages { sometimes(1...2) { [self] in loseLog() } }
        if faults.lapses {
            sometimes(1...3) { [self] in
                guard let owner else { return }
                owner.give(.suspended)
                scheduler.after(draw(1_000...300_000)) {
                    if owner.machine.epoch == self.log.epoch { owner.give(.resumed) }
                }
            }
        }
        if faults.slowSessions { sometimes(3...10) { [self] in nodes.randomElement(using: &random)?.fillOutbox() } }
    }

    private func stopOwner() {
        guard let stopped = owner, stopped.isAlive else { return }
        stopped.pause()
        owner = nil
        for node in nodes { node.loseLink(to: stopped) }
        scheduler.after(draw(100_000...2_000_000)) { stopped.proceed() }
    }

    private func handOff() {
        guard let owner, owner.isAlive, let successor = nodes.filter({ $0.isAlive && $0 !== owner.node }).first else {
            return
        }
        owner.give(.handOff(to: record(successor.number)))
        scheduler.after(500_000) { [self] in
            guard owner.isAlive, !owner.machine.isOver else { return }
            owner.give(log.epoch == owner.machine.epoch ? .handOffAbandoned : .fenced)
        }
    }

    private func loseLog() {
        guard !isHealing, log.isReachable else { return }
        log.isReachable = false
        for owner in owners { owner.logChanged() }
        scheduler.after(draw(50_000...1_500_000)) { [self] in
            log.isReachable = true
            for owner in owners { owner.logChanged() }
        }
    }
}
