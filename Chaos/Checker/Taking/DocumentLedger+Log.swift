internal import Delta

extension DocumentLedger {
    /// Notes a row of the log.
    mutating func take(_ row: HistoryEvent.LogRow, line: Int) {
        let index = operation(row.operationID, of: client(row.client))
        let version = row.version
        var entry = VersionRecord.Row(
            epoch: row.epoch, operation: index, delta: row.operation, digest: row.digest, committedAt: row.committedAt,
            line: line, reading: row.reading)
        if let told = versions[version].told, told.delta == entry.delta { entry.delta = told.delta }
        if let before = versions[version].row {
            let isSame =
                before.operation == index && before.delta == entry.delta && before.epoch == row.epoch
                && (before.digest == nil || row.digest == nil || before.digest == row.digest)
            let isWithinReading = before.reading == row.reading
            if !isSame || isWithinReading {
                rowConflicts.append(
                    RowConflict(version: version, lines: [before.line, line], isWithinReading: isWithinReading))
            }
            // What the last reading found counts; of that one, what it found first.
            guard row.reading == nil, before.reading != nil else {
                if before.reading == nil, isWithinReading { note(index, at: version, line) }
                return
            }
        }
        versions[version].row = entry
        if row.reading == nil { note(index, at: version, line) }
    }

    /// Notes where an operation stands in the last reading.
    private mutating func note(_ index: Int, at version: Int, _ line: Int) {
        guard let first = operations[index].version else {
            operations[index].version = version
            return
        }
        if first != version { doubles.append((index, version, line)) }
    }

    mutating func take(_ head: HistoryEvent.LogHead, line: Int) {
        let noted = Head(epoch: head.epoch, head: head.head, line: line)
        if head.reading == nil { end = noted } else { heads.append(noted) }
    }

    /// The row that the last reading found at a version.
    func row(_ version: Int) -> VersionRecord.Row? {
        guard let row = versions[version].row, row.reading == nil else { return nil }
        return row
    }
}
