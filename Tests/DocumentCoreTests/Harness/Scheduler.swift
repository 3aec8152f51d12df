import DocumentCore

/// Runs events in the order of a virtual time in microseconds; events of one time in the order in which they were made.
final class Scheduler {
    private struct Event {
        var time: Int64
        var sequence: UInt64
        var action: () -> Void
    }
    private var heap: [Event] = []
    private var sequence: UInt64 = 0
    private(set) var now: Int64 = 0
    private(set) var executed = 0

    func at(_ time: Int64, _ action: @escaping () -> Void) {
        sequence += 1
        heap.append(Event(time: max(time, now), sequence: sequence, action: action))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(child, parent) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    func after(_ delay: Int64, _ action: @escaping () -> Void) { at(now + delay, action) }

    /// Runs everything that is due up to a time.
    func run(until end: Int64) {
        while let first = heap.first, first.time <= end {
            let last = heap.removeLast()
            if !heap.isEmpty {
                heap[0] = last
                sink()
            }
            now = first.time
            executed += 1
            first.action()
        }
        now = end
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].sequence) < (heap[right].time, heap[right].sequence)
    }

    private func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

/// Delivers in order, each message after a delay of its own, until it is cut; what is on its way then is lost.
final class Channel<Message> {
    private let scheduler: Scheduler
    private let delay: () -> Int64
    private let receive: (Message) -> Void
    private var lastDelivery: Int64 = 0
    private(set) var isCut = false

    init(_ scheduler: Scheduler, delay: @escaping () -> Int64, receive: @escaping (Message) -> Void) {
        self.scheduler = scheduler
        self.delay = delay
        self.receive = receive
    }

    func send(_ message: Message) {
        guard !isCut else { return }
        lastDelivery = max(lastDelivery, scheduler.now + delay())
        scheduler.at(lastDelivery) { [self] in
            if !isCut { receive(message) }
        }
    }

    func cut() { isCut = true }
}
