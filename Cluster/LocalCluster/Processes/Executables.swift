internal import Foundation

/// Finds installed programs.
enum Executables {
    /// Finds `name` on the `PATH`, or where Debian puts what only administrators run.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_installed`, which names the Debian package.
    static func find(_ name: String, package: String) throws(LocalClusterError) -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let places = path.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/sbin"]
        for place in places where FileManager.default.isExecutableFile(atPath: "\(place)/\(name)") {
            return "\(place)/\(name)"
        }
        throw LocalClusterError(
            code: "not_installed", message: "\(name) is not installed (Debian and Ubuntu: apt-get install \(package))")
    }

    /// Finds the directory of PostgreSQL's server programs, which Debian keeps off the `PATH`: the one that
    /// `pg_config` names, else that of the newest installed version.
    static func postgresDirectory() async throws -> String {
        if let configuration = try? find("pg_config", package: "libpq-dev"),
            let answer = try? await Program(configuration, ["--bindir"]).run()
        {
            let directory = answer.trimmingCharacters(in: .whitespacesAndNewlines)
            if isServerDirectory(directory) { return directory }
        }
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init)
            .sorted()
        for version in versions.reversed() where isServerDirectory("\(root)/\(version)/bin") {
            return "\(root)/\(version)/bin"
        }
        throw LocalClusterError(
            code: "not_installed",
            message: "PostgreSQL's server is not installed (Debian and Ubuntu: apt-get install postgresql)")
    }

    /// Finds RabbitMQ's server script in the package's library directory: the newest version's. The script of that name on
    /// the `PATH` changes to another user first.
    static func rabbitMQ() throws(LocalClusterError) -> String {
        let root = "/usr/lib/rabbitmq/lib"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .filter { $0.hasPrefix("rabbitmq_server-") }
            .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
        for name in names where FileManager.default.isExecutableFile(atPath: "\(root)/\(name)/sbin/rabbitmq-server") {
            return "\(root)/\(name)/sbin/rabbitmq-server"
        }
        throw LocalClusterError(
            code: "not_installed",
            message: "RabbitMQ's server is not installed (Debian and Ubuntu: apt-get install rabbitmq-server)")
    }

    private static func isServerDirectory(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "\(path)/initdb")
            && FileManager.default.isExecutableFile(atPath: "\(path)/postgres")
    }
}
