internal import CollabModel
internal import RuntimePorts
internal import Synchronization

extension LeaseStoreContract {
    static let eventCases = [
        Case(name: "joins and leaves are announced to every consumer") { environment in
            var consumers = [
                environment.store.events().makeAsyncIterator(), environment.store.events().makeAsyncIterator(),
            ]
            let record = try node("n1")
            _ = try await environment.store.renew(record, timeToLiveMilliseconds: long)
            for index in consumers.indices {
                try requireEqual(await consumers[index].next(), .changed, "consumer \(index) at the join")
            }
            try await environment.store.leave(record.identity)
            for index in consumers.indices {
                try requireEqual(await consumers[index].next(), .changed, "consumer \(index) at the leave")
            }
        },
        Case(name: "a renewal of a lease that lives is not announced, nor one that is refused") { environment in
            let record = try node("n1")
            _ = try await environment.store.renew(record, timeToLiveMilliseconds: long)
            try await settle(environment)
            let heard = EventCount()
            let events = environment.store.events()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in events { heard.increment() } }
                defer { group.cancelAll() }
                try await settle(environment)
                _ = try await environment.store.renew(record, timeToLiveMilliseconds: long)
                _ = try await environment.store.renew(try node("n1", 2), timeToLiveMilliseconds: long)
                try await environment.store.leave(try node("n1", 2).identity)
                try await settle(environment)
                try requireEqual(heard.value, 0, "the number of announcements")
                try await environment.store.leave(record.identity)
                while heard.value == 0 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
        },
    ]

    /// Lets announcements that are under way arrive.
    private static func settle(_ environment: Environment) async throws {
        try await environment.letTimePass(short)
        for _ in 0..<1_000 { await Task.yield() }
    }
}

private final class EventCount: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
}
