internal import CollabModel
internal import NIOCore
internal import RuntimePorts
internal import Synchronization

/// What other threads ask of a connection's event loop. Streams and calls are named by their handle's id.
enum PeerCommand: Sendable {
    case write(UInt64, [UInt8])
    case close(UInt64)
    case overflow(UInt64)
    case resume(UInt64)
    case cancel(UInt64)
    case open(StreamCall)
    case request(UnaryCall)
    case decided(UInt64, OpenDecision)
    case answered(UInt64, [UInt8])
    /// If the peer has not shown by now that it speaks HTTP/2, it will not.
    case giveUpDialling
    /// Take no new calls and close as soon as nothing is open.
    case retire
    /// Say goodbye, finish what can be finished within the time, close.
    case shutDown(TimeAmount)
}

/// A connection as other threads see it: a mailbox in front of its event loop.
///
/// Any number of commands cost one `execute` and one flush, until the loop has taken them.
final class PeerConnection: Sendable {
    private struct Mailbox {
        var commands: [PeerCommand] = []
        var isScheduled = false
        var isClosed = false
        var hasEnded = false
        var handler: NIOLoopBound<PeerConnectionHandler>?
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    let eventLoop: any EventLoop
    private let mailbox = Mutex(Mailbox())
    private let nextID = Atomic<UInt64>(1)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Returns when the connection is closed. To be asked only when a command has been taken, so that it was open.
    func closed() async {
        await withCheckedContinuation { continuation in
            let hasEnded = mailbox.withLock { mailbox in
                if !mailbox.hasEnded { mailbox.closing.append(continuation) }
                return mailbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// A name for a stream or a call of this connection.
    func makeID() -> UInt64 { nextID.add(1, ordering: .relaxed).oldValue }

    /// Hands a command to the event loop. `false`: the connection is gone and the command was not taken.
    func enqueue(_ command: PeerCommand) -> Bool {
        let (isTaken, scheduled) = mailbox.withLock { mailbox -> (Bool, NIOLoopBound<PeerConnectionHandler>?) in
            guard !mailbox.isClosed, let handler = mailbox.handler else { return (false, nil) }
            mailbox.commands.append(command)
            guard !mailbox.isScheduled else { return (true, nil) }
            mailbox.isScheduled = true
            return (true, handler)
        }
        if let scheduled { eventLoop.execute { scheduled.value.mailboxFilled() } }
        return isTaken
    }

    /// Opens the mailbox. On the event loop.
    func attach(_ handler: PeerConnectionHandler) {
        let bound = NIOLoopBound(handler, eventLoop: eventLoop)
        mailbox.withLock { $0.handler = bound }
    }

    /// Takes what waits, leaving `spare`, an empty array, in its place. On the event loop.
    func takeCommands(_ spare: inout [PeerCommand]) {
        mailbox.withLock { mailbox in
            mailbox.isScheduled = false
            swap(&mailbox.commands, &spare)
        }
    }

    /// Takes no further command; those before still wait to be taken. On the event loop.
    func closeMailbox() {
        mailbox.withLock { mailbox in
            mailbox.isClosed = true
            mailbox.handler = nil
        }
    }

    /// Everything has ended: lets go who waits in ``closed()``. On the event loop.
    func announceEnd() {
        let waiting = mailbox.withLock { mailbox in
            mailbox.hasEnded = true
            defer { mailbox.closing = [] }
            return mailbox.closing
        }
        for continuation in waiting { continuation.resume() }
    }
}
