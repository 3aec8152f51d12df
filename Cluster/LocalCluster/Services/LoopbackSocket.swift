internal import Glibc

/// One question and answer over a TCP connection to this machine.
///
/// Enough to ask a server whether it is ready without depending on a client of it. Connecting from a port of the
/// ephemeral range to another port of it can connect to itself, so that all ports here lie below 32768.
enum LoopbackSocket {
    /// When an answer is complete.
    enum Ending: Sendable {
        /// At the first line's end; the line is answered without it.
        case line
        /// When the server closes the connection.
        case close
        /// After its first byte, which alone is answered.
        case firstByte
    }

    /// The longest answer that is read, in bytes; a longer one is cut off there.
    private static let maximumAnswer = 16 << 20

    /// Sends `request` and reads the answer.
    ///
    /// - Returns: the answer, or `nil` when nothing listens, or nothing complete came within `timeout`.
    static func exchange(
        _ request: [UInt8], port: Int, until ending: Ending, timeout: Duration = .seconds(1)
    ) async -> [UInt8]? {
        await onBlockingThread {
            let deadline = ContinuousClock.now + timeout
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            defer { _ = close(descriptor) }
            guard connected(descriptor, port: port, deadline: deadline),
                sent(request, to: descriptor, deadline: deadline)
            else { return nil }
            return answer(from: descriptor, until: ending, deadline: deadline)
        }
    }

    private static func connected(_ descriptor: Int32, port: Int, deadline: ContinuousClock.Instant) -> Bool {
        let result = withLoopbackAddress(port: port) { connect(descriptor, $0, $1) }
        if result == 0 { return true }
        guard errno == EINPROGRESS, wait(for: POLLOUT, on: descriptor, deadline: deadline) else { return false }
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0
    }

    private static func sent(_ bytes: [UInt8], to descriptor: Int32, deadline: ContinuousClock.Instant) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EAGAIN || !wait(for: POLLOUT, on: descriptor, deadline: deadline) {
                return false
            }
        }
        return true
    }

    private static func answer(
        from descriptor: Int32, until ending: Ending, deadline: ContinuousClock.Instant
    ) -> [UInt8]? {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while received.count < maximumAnswer {
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                received += chunk[..<count]
                if ending == .firstByte { return Array(received.prefix(1)) }
                if ending == .line, let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = received[..<end]
                    return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
                }
            } else if count == 0 {
                return ending == .close ? received : nil
            } else if errno != EAGAIN || !wait(for: POLLIN, on: descriptor, deadline: deadline) {
                return nil
            }
        }
        return received
    }

    private static func wait(for event: Int32, on descriptor: Int32, deadline: ContinuousClock.Instant) -> Bool {
        let left = Int32(clamping: Int64((deadline - ContinuousClock.now) / .milliseconds(1)))
        guard left > 0 else { return false }
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        return poll(&entry, 1, left) > 0
    }
}

/// Hands out the address 127.0.0.1:`port` for the time of `body`.
func withLoopbackAddress<Result>(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
