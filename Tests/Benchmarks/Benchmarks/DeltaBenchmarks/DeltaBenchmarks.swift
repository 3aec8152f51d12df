import Benchmark
import Delta
import EditingTraces
import JSON

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTime], warmupIterations: 2, maxDuration: .seconds(5), maxIterations: 1_000)

    for name in ["sveltecomponent", "seph-blog1"] {
        replay(name)
    }
    for size in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        edits("apply at random places, \(size) units", size: size) { random, length in
            random.below(length - 4)
        }
        edits("apply at one place, \(size) units", size: size) { _, length in length / 2 }
        edits("apply with every version kept, \(size) units", size: size, keepsVersions: true) { _, length in
            length / 2
        }
    }
    algebra()
    appending()
    frames()
}

/// One iteration replays the whole trace, each patch an operation of its own.
func replay(_ name: String) {
    Benchmark("replay \(name)") { (benchmark: Benchmark, trace: EditingTrace) in
        for _ in benchmark.scaledIterations {
            var replay = try TraceReplay(startContent: trace.startContent)
            benchmark.startMeasurement()
            try benchmark.measuringCPUTime { try replay.run(trace) }
            benchmark.stopMeasurement()
            guard replay.matches(trace.endContent) else {
                benchmark.error("\(name) ended as another text")
                return
            }
        }
    } setup: {
        // #filePath: …/Tests/Benchmarks/Benchmarks/DeltaBenchmarks/DeltaBenchmarks.swift
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try EditingTrace(contentsOfFile: "/\(path)/Traces/\(name).json.gz")
    }
}

/// One scaled iteration is one edit: two of three insert a unit, the third deletes two.
func edits(
    _ name: String, size: Int, keepsVersions: Bool = false,
    place: @escaping @Sendable (inout SeededGenerator, Int) -> Int
) {
    Benchmark(name, configuration: .init(scalingFactor: .kilo)) { (benchmark: Benchmark, start: DocumentContent) in
        var random = SeededGenerator(seed: 1)
        var content = start
        var kept = start
        try benchmark.measuringCPUTime {
            for edit in benchmark.scaledIterations {
                var operation = Delta()
                operation.retain(place(&random, content.length))
                if edit % 3 == 2 { operation.delete(2) } else { operation.insert("x") }
                try content.apply(operation)
                if keepsVersions { kept = content }
            }
        }
        blackHole(content.digest)
        blackHole(kept.digest)
    } setup: {
        var random = SeededGenerator(seed: 2)
        var document = Delta()
        document.insert(UTF16Text(units: (0..<size).map { _ in UInt16(97 + random.below(26)) }))
        return try DocumentContent(document)
    }
}

/// Each scaled iteration is one call on operations as a key press makes them.
func algebra() {
    let first = keyPress(at: 5_123)
    let second = keyPress(at: 1_000)
    let configuration = Benchmark.Configuration(scalingFactor: .kilo)
    Benchmark("compose two key presses", configuration: configuration) { benchmark in
        benchmark.measuringCPUTime {
            for _ in benchmark.scaledIterations { blackHole(first.compose(second)) }
        }
    }
    Benchmark("transform two key presses", configuration: configuration) { benchmark in
        benchmark.measuringCPUTime {
            for _ in benchmark.scaledIterations { blackHole(first.transform(second, priority: true)) }
        }
    }
    Benchmark("transform a position", configuration: configuration) { benchmark in
        benchmark.measuringCPUTime {
            for index in benchmark.scaledIterations { blackHole(first.transformPosition(index)) }
        }
    }
}

/// Each scaled iteration is one insert that becomes part of the last step: its time must not grow with the number.
func appending() {
    Benchmark("append to a delta", configuration: .init(scalingFactor: .mega, maxIterations: 20)) { benchmark in
        var delta = Delta()
        benchmark.measuringCPUTime {
            for _ in benchmark.scaledIterations { delta.insert("ab") }
        }
        blackHole(delta.length)
    }
}

/// Each scaled iteration reads or writes one frame or operation.
func frames() {
    let operation = keyPress(at: 5_123)
    let encoded = operation.jsonUTF8
    let frame = Array(
        """
        {"type":"operation","operationId":"0b4c2c1e-7c55-4f58-9a53-5c0e1b1a2b3c","version":123456,\
        "operation":[{"retain":5123},{"insert":"x"}]}
        """.utf8)
    let configuration = Benchmark.Configuration(scalingFactor: .kilo)
    Benchmark("encode a key press", configuration: configuration) { benchmark in
        benchmark.measuringCPUTime {
            for _ in benchmark.scaledIterations { blackHole(operation.jsonUTF8) }
        }
    }
    Benchmark("decode a key press", configuration: configuration) { benchmark in
        try benchmark.measuringCPUTime {
            for _ in benchmark.scaledIterations { blackHole(try Delta(jsonUTF8: encoded)) }
        }
    }
    Benchmark("read an operation frame", configuration: configuration) { benchmark in
        try benchmark.measuringCPUTime {
            for _ in benchmark.scaledIterations { blackHole(try readFrame(frame)) }
        }
    }
}

func keyPress(at position: Int) -> Delta {
    var delta = Delta()
    delta.retain(position)
    delta.insert("x")
    return delta
}

func readFrame(_ frame: [UInt8]) throws -> (version: Int, operation: Delta) {
    try frame.withUnsafeBufferPointer { bytes in
        var reader = JSONReader(bytes)
        var version = 0
        var operation = Delta()
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "version": version = try reader.readInt()
            case "operation": operation = try Delta(reading: &reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        return (version, operation)
    }
}

/// A reproducible source of randomness (SplitMix64).
struct SeededGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }
}
