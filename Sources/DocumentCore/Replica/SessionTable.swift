import CollabModel

/// The sessions of a replica, by token and by client, and those that commits are delivered to as they come.
struct SessionTable: Sendable {
    private var sessions: [SessionToken: ReplicaSession] = [:]
    private var byClient: [ClientID: [SessionToken]] = [:]
    /// Every session, in ascending order.
    private(set) var tokens: [SessionToken] = []
    /// The sessions that are live and whose outbox is not full, in ascending order. Kept as it is handed out, so that a
    /// commit costs nothing per session here.
    private(set) var audience: [SessionToken] = []

    var count: Int { tokens.count }
    var isEmpty: Bool { tokens.isEmpty }

    func contains(_ token: SessionToken) -> Bool { sessions[token] != nil }

    /// Reads a session.
    subscript(token: SessionToken) -> ReplicaSession? { sessions[token] }

    /// The sessions of one client, in ascending order.
    func tokens(of client: ClientID) -> [SessionToken] { byClient[client] ?? [] }

    mutating func insert(_ session: ReplicaSession) {
        precondition(sessions[session.token] == nil, "a session is attached once")
        sessions[session.token] = session
        Self.insert(session.token, into: &tokens)
        Self.insert(session.token, into: &byClient[session.clientID, default: []])
        if session.isInAudience { Self.insert(session.token, into: &audience) }
    }

    /// Changes a session that is there; the audience follows.
    mutating func update<Result>(
        _ token: SessionToken, _ change: (inout ReplicaSession) -> Result
    ) -> Result? {
        guard let index = sessions.index(forKey: token) else { return nil }
        let before = sessions.values[index].isInAudience
        let result = change(&sessions.values[index])
        let after = sessions.values[index].isInAudience
        if before != after {
            if after { Self.insert(token, into: &audience) } else { Self.remove(token, from: &audience) }
        }
        return result
    }

    mutating func remove(_ token: SessionToken) -> ReplicaSession? {
        guard let session = sessions.removeValue(forKey: token) else { return nil }
        Self.remove(token, from: &tokens)
        Self.remove(token, from: &audience)
        Self.remove(token, from: &byClient[session.clientID, default: []])
        if byClient[session.clientID]?.isEmpty == true { byClient[session.clientID] = nil }
        return session
    }

    private static func position(of token: SessionToken, in list: [SessionToken]) -> Int {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < token { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func insert(_ token: SessionToken, into list: inout [SessionToken]) {
        let position = position(of: token, in: list)
        if position == list.count || list[position] != token { list.insert(token, at: position) }
    }

    private static func remove(_ token: SessionToken, from list: inout [SessionToken]) {
        let position = position(of: token, in: list)
        if position < list.count, list[position] == token { list.remove(at: position) }
    }

    func checkInvariants() {
        #if DEBUG
            assert(tokens.count == sessions.count, "the list of sessions is wrong")
            assert(
                audience == tokens.filter { sessions[$0]?.isInAudience == true }, "the audience is wrong")
        #endif
    }
}
