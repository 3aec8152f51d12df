public import Delta

/// A recorded editing session: what people typed, keystroke by keystroke.
///
/// The format is that of josephg/editing-traces. Positions and lengths count Unicode code points, in the document as it
/// is when the patch comes; ``TraceReplay`` turns them into UTF-16 units.
public struct EditingTrace: Sendable {
    /// One replacement.
    public struct Patch: Sendable, Hashable {
        /// In code points.
        public var position: Int
        /// In code points.
        public var deleted: Int
        public var inserted: UTF16Text
        public init(position: Int, deleted: Int, inserted: UTF16Text) {
            self.position = position
            self.deleted = deleted
            self.inserted = inserted
        }
    }

    /// Patches that one person made together, one after the other.
    public struct Transaction: Sendable, Hashable {
        public var patches: [Patch]
        /// In a concurrent session: the indices of the transactions that its author had last seen.
        public var parents: [Int]
        /// In a concurrent session: who made it, from 0 on.
        public var agent: Int
        public init(patches: [Patch], parents: [Int] = [], agent: Int = 0) {
            self.patches = patches
            self.parents = parents
            self.agent = agent
        }
    }

    public var startContent: UTF16Text
    public var endContent: UTF16Text
    /// How many people took part; `nil` for a session of one, whose transactions follow each other.
    public var agents: Int?
    public var transactions: [Transaction]

    /// Makes a trace of its parts.
    public init(
        startContent: UTF16Text, endContent: UTF16Text, agents: Int? = nil, transactions: [Transaction]
    ) {
        self.startContent = startContent
        self.endContent = endContent
        self.agents = agents
        self.transactions = transactions
    }

    /// Whether several people edited at the same time, so that transactions have to be transformed over others.
    public var isConcurrent: Bool { agents != nil }
}

/// Why a trace cannot be read or replayed.
public enum EditingTraceError: Error, Hashable, Sendable {
    /// The file cannot be opened.
    case notFound(path: String)
    /// The file is no whole gzip file, or is larger than is read.
    case unreadable(path: String)
    /// The contents are not a trace; the message says where.
    case malformed(String)
    /// The trace is a concurrent one, which has no single order in which it could be replayed.
    case concurrent
    /// A patch does not fit the document at its place.
    case doesNotApply(transaction: Int, String)
}

extension EditingTraceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let path): "cannot open \(path)"
        case .unreadable(let path): "cannot read \(path) to its end"
        case .malformed(let message): "not an editing trace: \(message)"
        case .concurrent: "a concurrent trace has no single order to replay; give it to the load generator"
        case .doesNotApply(let transaction, let message): "transaction \(transaction) does not apply: \(message)"
        }
    }
}
