import CollabModel
import Delta
import DocumentCore

extension Arena {
    /// What is wrong now that everything has come to rest; empty when every guarantee held.
    func verdict() -> [String] {
        var faults = violations + log.violations
        guard let final = try? log.replay() else { return faults + ["the log does not replay"] }
        faults += log.violations
        var epoch = Epoch.none
        for row in log.rows {
            if row.epoch < epoch { faults.append("epochs decrease at \(row.version) (G5)") }
            epoch = row.epoch
        }
        for (client, operation, version) in acknowledged {
            guard let row = log.find(operation, of: client) else {
                faults.append("\(operation) was acknowledged and is lost (G1)")
                continue
            }
            // An operation that a whole document contained is told with the document's version.
            if row.version > version { faults.append("\(operation) was acknowledged before its version (G4)") }
        }
        for node in nodes where node.replica.sessionCount > 0 {
            if node.replica.content?.digest != final.digest || node.replica.version != log.head {
                faults.append("node \(node.number) is at \(node.replica.version), the log at \(log.head) (G6)")
            }
        }
        for editor in editors { faults += verdict(on: editor, final) }
        return faults
    }

    private func verdict(on editor: ArenaEditor, _ final: DocumentContent) -> [String] {
        var faults: [String] = []
        let machine = editor.machine
        if !machine.isLive || !machine.isSaved || machine.version != log.head {
            faults.append(
                "editor \(editor.number) is at \(machine.version), live \(machine.isLive), saved \(machine.isSaved)")
        } else if machine.content?.digest != final.digest {
            faults.append("editor \(editor.number) has another document than the log (G6)")
        }
        if !editor.refusals.isEmpty {
            faults.append("an edit of editor \(editor.number) was refused: \(editor.refusals)")
        }
        var counts: [UInt16: Int] = [:]
        for unit in final.text.utf16 { counts[unit, default: 0] += 1 }
        for mark in editor.marks {
            let count = counts[UInt16(mark.value), default: 0]
            if count > 1 { faults.append("a mark of editor \(editor.number) is there \(count) times (G3)") }
            if count == 0, !self.faults.deletes { faults.append("a mark of editor \(editor.number) is lost (G7)") }
        }
        return faults
    }
}
