import Testing

/// What runs against a real RabbitMQ, started once.
@Suite(.serialized, .sharedRabbitMQ, .timeLimit(.minutes(4))) enum RabbitMQTests {}
