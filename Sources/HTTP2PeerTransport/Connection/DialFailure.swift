internal import CollabModel
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import RuntimePorts

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What an error at dialling says of the peer. Only an answer of its host says that the process is gone; a host that
/// cannot be reached says nothing (architecture.md, "Failover").
enum DialFailure {
    static func failure(of error: any Error) -> PeerFailure {
        switch error {
        case let failure as PeerFailure:
            return failure
        case let error as IOError:
            return failure(errno: error.errnoCode)
        case let error as NIOConnectionError:
            let failures = error.connectionErrors.map { failure(of: $0.error) }
            // A name may have several addresses. One that does not answer leaves open whether the process lives.
            if !failures.isEmpty && failures.allSatisfy({ $0 == .refused }) { return .refused }
            return failures.first { $0 != .refused } ?? .silent
        case is ChannelError:
            // A timeout of the connection attempt, or a channel that closed under it.
            if case .connectTimeout? = error as? ChannelError { return .silent }
            return .closed
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return .protocolError("TLS: \(error)")
        default:
            return .protocolError("\(error)")
        }
    }

    private static func failure(errno: CInt) -> PeerFailure {
        switch errno {
        case ECONNREFUSED, ECONNRESET: .refused
        default: .silent
        }
    }
}
