import ArgumentParser
import SimulationCommand

@main
struct CollabSimulate {
    static func main() { SimulateCommand.main() }
}
