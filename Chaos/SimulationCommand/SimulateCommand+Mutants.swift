#if MUTANTS
    internal import ArgumentParser
    internal import ClusterSimulation
    internal import CollabModel

    extension SimulateCommand {
        /// Runs the seeds with each defect until one fails, or for `--minutes`.
        func findMutants() throws {
            guard let range = SeedRange(seeds) else { return }
            var missed = false
            // Where one line of defence hides that another one is missing, both are taken away.
            let pairs: [[Mutant]] = [
                [.dedupForgotten, .operationsNotUnique], [.lowerBaseTrusted, .operationsNotUnique],
                [.strayApplied, .operationsNotUnique], [.lapseIgnored, .committedUnconfirmed],
                [.lapseIgnored, .idleUnchecked], [.handoffGoesOn, .idleUnchecked],
            ]
            for mutants in Mutant.allCases.map({ [$0] }) + pairs {
                let name = mutants.map(\.rawValue).joined(separator: " ")
                let worker = WorkerProcess(
                    arguments: words + ["--worker", "--mutant"] + mutants.map(\.rawValue))
                let started = ContinuousClock.now
                var tried: UInt64 = 0
                var virtual: Int64 = 0
                var found: Failure?
                while found == nil, let seed = range[tried],
                    minutes.map({ ContinuousClock.now - started < .seconds($0 * 60) }) ?? true
                {
                    tried += 1
                    let request = SeedRequest(seed: seed, hours: hours)
                    let answer = worker.run(request)
                    if case .outcome(let outcome) = answer {
                        virtual += outcome.violations.first.map(\.time) ?? outcome.virtualMicroseconds
                    }
                    found = Failure(answer, of: request)
                }
                worker.stop()
                let real = (ContinuousClock.now - started).components
                let figures =
                    "\(tried) seeds, \(virtual / 1_000_000) virtual s, "
                    + "\(Double(real.seconds * 10 + real.attoseconds / 100_000_000_000_000_000) / 10) s"
                SimulationWorker.write(
                    "\(name): \(found == nil ? "NOT FOUND" : "found") after \(figures)"
                        + (found.map { "\n  \($0.words)" } ?? ""))
                if found == nil { missed = true }
            }
            if missed { throw ExitCode.failure }
        }
    }
#endif
