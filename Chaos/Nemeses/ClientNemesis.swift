import Randomness

/// What happens to clients: they vanish, and their connections say nothing any more.
struct ClientNemesis {
    private let fault: FaultSpecification

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: Stage, random: inout SplitMix64) async throws -> PreparedFault {
        guard let crowd = await stage.crowd else { throw NotNow("there are no clients") }
        let numbers = await crowd.choose(fault.count, seed: random.next())
        guard !numbers.isEmpty else { throw NotNow("there is no client left") }
        let names = numbers.map { "client-\($0)" }
        let proxy = stage.proxy
        let links = await proxy.links.filter { names.contains($0.from) }
        var lane = LaneCondition()
        lane.isCut = true
        let condition = LinkCondition(forward: lane, backward: lane)
        let impositions = Impositions()
        return PreparedFault(names, documents: [], "\(names.joined(separator: ", ")) vanish") {
            impositions.add(try await proxy.impose(condition, on: links))
            await crowd.vanish(numbers)
        } end: {
            await proxy.reset(links)
            for imposition in impositions.all { try await proxy.lift(imposition) }
        }
    }
}
