internal import Foundation

/// Runs a call that blocks (poll, connect, a lock of another process) on a thread of its own, so that the cooperative
/// pool keeps its few. Dispatch's threads do not serve: it starts another only about a second after all have blocked.
func onBlockingThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
