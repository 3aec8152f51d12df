import Testing

/// Whole clusters of real processes. One at a time: they share the machine, and some measure.
@Suite("Integration", .serialized)
struct IntegrationTests {}
