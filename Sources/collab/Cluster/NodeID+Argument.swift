public import ArgumentParser
public import CollabModel

extension NodeID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension DocumentID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
