package import CollabModel
internal import DocumentCore
package import RuntimePorts

extension NodeMetrics: GatewayMetrics {
    package func connectionOpened() { gateway.connections.add(1) }

    package func connectionClosed(_ code: UInt16?, seconds: Double) {
        gateway.connections.add(-1)
        gateway.connectionDuration.observe(seconds)
        if let code {
            (gateway.closed[code] ?? gateway.otherClose).add()
        } else {
            gateway.lostConnections.add()
        }
    }

    package func connectionRefused(_ code: CloseCode) { gateway.refused[code]?.add() }

    package func frameReceived(bytes: Int) {
        gateway.framesReceived.add()
        gateway.bytesReceived.add(Int64(bytes))
    }

    package func frameRejected(_ reason: FrameRejection) { gateway.framesRejected[reason]?.add() }

    package func operationRefused(_ code: ErrorCode) { rejected(.apply, code) }

    package func acknowledged(microseconds: Int64, trace: TraceContext?) {
        observe(gateway.operationLatency, microseconds, trace)
    }

    package func broadcast(committedAtMicroseconds: Int64) {
        guard committedAtMicroseconds > 0 else { return }
        runtime.stages.broadcast.observe(microseconds: max(0, clock.wallMicroseconds() - committedAtMicroseconds))
    }

    package func sent(bytes: Int, frames: Int) {
        gateway.bytesSent.add(Int64(bytes))
        gateway.framesSent.add(Int64(frames))
    }

    package func outboxFull() { gateway.fullOutboxes.add() }

    package func request(status: Int, microseconds: Int64) {
        gateway.requests[min(max(status / 100, 1), 5) - 1].add()
        gateway.requestDuration.observe(microseconds: microseconds)
    }
}
