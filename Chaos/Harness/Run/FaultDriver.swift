internal import HistoryChecker
internal import NIOCore
package import Nemeses
internal import Synchronization

/// What became of a planned fault.
package struct FaultRecord: Sendable {
    /// How it went.
    package enum Outcome: Sendable, Hashable {
        case done
        /// It did not begin: nobody played the role.
        case skipped(String)
        /// It could not be begun or undone.
        case failed(String)
    }

    package var number: Int
    package var kind: FaultKind
    package var description: String
    package var targets: [String]
    /// The documents that it met; `nil`: all.
    package var documents: [String]?
    /// On the clock of the history, in microseconds.
    package var beganAt: Int64
    /// When it began to be undone.
    package var liftedAt: Int64
    /// When it was undone: what was killed runs again.
    package var endedAt: Int64
    package var outcome: Outcome

    package init(
        number: Int, kind: FaultKind, description: String, targets: [String], documents: [String]?, beganAt: Int64,
        liftedAt: Int64, endedAt: Int64, outcome: Outcome
    ) {
        self.number = number
        self.kind = kind
        self.description = description
        self.targets = targets
        self.documents = documents
        self.beganAt = beganAt
        self.liftedAt = liftedAt
        self.endedAt = endedAt
        self.outcome = outcome
    }
}

/// Begins the faults of a schedule at their times, and undoes each one.
final class FaultDriver: Sendable {
    private let stage: Stage
    private let recorder: HistoryRecorder
    private let halt: Halt
    private let tell: @Sendable (String) -> Void
    private let done = Mutex<[FaultRecord]>([])
    /// More faults than these at a time wait for their turn.
    private static let mostAtOnce = 16

    init(_ stage: Stage, _ recorder: HistoryRecorder, _ halt: Halt, tell: @escaping @Sendable (String) -> Void) {
        self.stage = stage
        self.recorder = recorder
        self.halt = halt
        self.tell = tell
    }

    /// What has become of the faults, in order.
    var records: [FaultRecord] { done.withLock { $0.sorted { $0.number < $1.number } } }

    /// Runs the schedule from a time on, until its end or the halt; returns when every fault is undone.
    func run(_ schedule: FaultSchedule, from start: NIODeadline, before end: Duration?) async {
        var schedule = schedule
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            while let fault = schedule.next(), end.map({ fault.at < $0 }) ?? true {
                guard await halt.wait(until: start + TimeAmount(fault.at)) else { break }
                if running == Self.mostAtOnce {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.perform(fault, start) }
            }
        }
    }

    private func perform(_ planned: PlannedFault, _ start: NIODeadline) async {
        let kind = planned.specification.kind
        var record = FaultRecord(
            number: planned.number, kind: kind, description: "\(planned.specification)", targets: [], documents: nil,
            beganAt: HistoryRecorder.now, liftedAt: 0, endedAt: 0, outcome: .done)
        let fault: PreparedFault
        do {
            fault = try await stage.prepare(planned.specification, seed: planned.seed)
        } catch {
            return finish(&record, error, start)
        }
        let name = "fault-\(planned.number)"
        record.targets = fault.targets
        record.documents = fault.documents
        record.description = fault.description
        record.beganAt = recorder.record(
            .faultBegan(.init(name, kind: kind.rawValue, targets: fault.targets)))
        tell("\(Self.time(since: start))  #\(planned.number) \(kind.rawValue): \(fault.description)")
        var failure: (any Error)?
        do {
            try await fault.begin()
            _ = await halt.wait(until: .now() + TimeAmount(planned.lasting))
        } catch {
            failure = error
        }
        // What began by halves is undone as well.
        record.liftedAt = HistoryRecorder.now
        do { try await fault.end() } catch { failure = failure ?? error }
        await stage.release(fault)
        record.endedAt = recorder.record(.faultEnded(fault: name))
        if !kind.isInstant { tell("\(Self.time(since: start))  #\(planned.number) \(kind.rawValue) is over") }
        finish(&record, failure, start)
    }

    private func finish(_ record: inout FaultRecord, _ error: (any Error)?, _ start: NIODeadline) {
        if record.endedAt == 0 {
            record.liftedAt = record.beganAt
            record.endedAt = record.beganAt
        }
        switch error {
        case nil: break
        case .some(let reason as NotNow):
            record.outcome = .skipped(reason.description)
            tell("\(Self.time(since: start))  #\(record.number) \(record.kind.rawValue) left out: \(reason)")
        case .some(let error):
            record.outcome = .failed("\(error)")
            tell("\(Self.time(since: start))  #\(record.number) \(record.kind.rawValue) failed: \(error)")
        }
        let finished = record
        done.withLock { $0.append(finished) }
    }

    private static func time(since start: NIODeadline) -> String {
        "\((Double((NIODeadline.now() - start).nanoseconds) / 1e9).padded(2, width: 8)) s"
    }
}
