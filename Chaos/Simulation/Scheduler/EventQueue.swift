/// What is to happen at a time: a binary heap of places, so that moving about in it costs no reference counting.
///
/// Of two events at one time the one that was added first comes first.
struct EventQueue {
    /// Names an event that has been added, also when it is over.
    struct ID: Hashable {
        fileprivate let slot: Int
        fileprivate let sequence: UInt64
    }

    struct Event {
        let process: SimulatedProcess
        let action: () -> Void
    }

    private struct Place {
        var time: Int64
        var sequence: UInt64
        var slot: Int

        func precedes(_ other: Place) -> Bool { (time, sequence) < (other.time, other.sequence) }
    }

    private struct Slot {
        var sequence: UInt64
        var event: Event?
    }

    private var heap: [Place] = []
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var sequence: UInt64 = 0

    /// When the next event is due, cancelled ones included.
    var nextTime: Int64? { heap.first?.time }

    mutating func add(at time: Int64, _ event: Event) -> ID {
        sequence += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = Slot(sequence: sequence, event: event)
        } else {
            slot = slots.count
            slots.append(Slot(sequence: sequence, event: event))
        }
        heap.append(Place(time: time, sequence: sequence, slot: slot))
        rise(heap.count - 1)
        return ID(slot: slot, sequence: sequence)
    }

    /// Takes an event out; nothing happens when it is over.
    mutating func cancel(_ id: ID) {
        guard slots[id.slot].sequence == id.sequence else { return }
        slots[id.slot].event = nil
    }

    /// The next event and its time; `nil` for its event when it was cancelled.
    mutating func popFirst() -> (time: Int64, event: Event?)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(0)
        }
        let event = slots[first.slot].event
        slots[first.slot] = Slot(sequence: 0, event: nil)
        free.append(first.slot)
        return (first.time, event)
    }

    private mutating func rise(_ start: Int) {
        var index = start
        let place = heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard place.precedes(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = place
    }

    private mutating func sink(_ start: Int) {
        var index = start
        let place = heap[index]
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(place) else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = place
    }
}
