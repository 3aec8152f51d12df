// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building and testing the project does not need the benchmark library.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "collab", path: "../.."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "DeltaBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Delta", package: "collab"),
                .product(name: "EditingTraces", package: "collab"),
                .product(name: "JSON", package: "collab"),
            ],
            path: "Benchmarks/DeltaBenchmarks",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ],
    swiftLanguageModes: [.v6]
)
