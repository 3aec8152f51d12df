internal import LocalCluster

/// What happens to RabbitMQ.
struct BrokerNemesis {
    private let fault: FaultSpecification
    private static let name = "rabbitmq"

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: isolated Stage) throws(NotNow) -> PreparedFault {
        let broker = stage.cluster.rabbitMQ
        try stage.take(Self.name)
        if fault.kind == .rabbitMQPause {
            return PreparedFault([Self.name], taking: [Self.name], "RabbitMQ stands still") {
                try await broker.pause()
            } end: {
                try await broker.resume()
            }
        }
        return PreparedFault([Self.name], taking: [Self.name], "RabbitMQ is killed") {
            try await broker.kill()
        } end: {
            try await broker.start()
        }
    }
}
