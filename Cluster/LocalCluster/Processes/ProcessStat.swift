internal import Foundation

/// The fields of `/proc/PID/stat` that matter here (proc(5)).
struct ProcessStat {
    /// Field 3: `R`, `S`, `D`, `T`, `t`, `Z` …
    let state: Character
    /// Field 4: the parent's process id.
    let parent: Int32
    /// Field 22: clock ticks since boot.
    let startTime: UInt64

    /// Reads the fields of a process; `nil` when there is no such process.
    init?(pid: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        self.init(parsing: text)
    }

    /// Reads the text of the file. The program's name (field 2) may hold spaces and parentheses, so that fields are
    /// counted from its last parenthesis.
    init?(parsing text: String) {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
            let startTime = UInt64(fields[19])
        else { return nil }
        self.state = state
        self.parent = parent
        self.startTime = startTime
    }
}
