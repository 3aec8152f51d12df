import LocalCluster

/// A port of this machine, below the ephemeral ones, on which nothing listens.
func unusedPort() -> Int? { (27_500..<27_700).first(where: LoopbackPort.isFree) }
