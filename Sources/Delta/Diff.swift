extension Delta {
    public func diff(_ other: Delta) throws(DeltaError) -> Delta { throw .notADocument }
}
