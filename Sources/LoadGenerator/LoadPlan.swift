package import CollabModel

/// What a load consists of. Times in seconds unless they say otherwise.
package struct LoadPlan: Sendable {
    /// The nodes; editors are spread over them in turn, and every editor knows all of them.
    package var urls: [String]
    package var editors = 50
    /// How many documents are made, when none are given.
    package var documents = 1
    /// Documents that exist already.
    package var existing: [DocumentID] = []
    /// Edits in a second that each typing editor makes.
    package var rate = 5.0
    package var duration = 30.0
    /// Typing before the measurement begins.
    package var warmUp = 2.0
    /// How many of the editors type; `nil`: all. The others watch.
    package var typists: Int?
    /// UTF-16 units that a new document has, and formatted runs that they are divided into.
    package var characters = 0
    package var runs = 1
    /// Whether editors say where their cursor is.
    package var tellsPresence = false
    package var seed: UInt64 = 1
    package var threads = 1
    package var token: String?
    /// A recorded session to type instead of random edits.
    package var trace: String?
    /// Whether a trace ends the load, not the duration.
    package var endsWithTrace = false
    package var ramp: LoadRamp?
    /// How long, after the typing, everything may take to be saved and to reach everybody.
    package var settleWithin = 60.0
    /// How long a session may take to open.
    package var openWithin = 30.0
    /// How many sessions are opened at a time.
    package var openAtOnce = 100

    package init(urls: [String]) { self.urls = urls }

    /// How many editors type.
    package var typing: Int { min(editors, max(0, typists ?? editors)) }
}

/// Raises the rate in steps until the sync lag is too long.
package struct LoadRamp: Sendable {
    /// The longest 95th percentile of the sync lag of a step that counts as good.
    package var lagMilliseconds = 100.0
    /// What the rate is multiplied with from step to step.
    package var factor = 1.5
    /// How long a step is.
    package var stepSeconds = 5.0
    /// After so many steps the ramp ends in any case.
    package var steps = 30
    package init() {}
}

/// Why a load could not be run.
package struct LoadError: Error, Sendable, CustomStringConvertible {
    /// For people.
    package var description: String
    init(_ description: String) { self.description = description }
}
