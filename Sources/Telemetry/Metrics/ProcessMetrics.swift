internal import Foundation
internal import Glibc

/// What the system says about this process, under the names that Prometheus's own client libraries use.
struct ProcessMetrics: Sendable {
    private static let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Reads `/proc/self` (proc(5)) and writes the metrics; one that cannot be read is left out.
    static func write(to exposition: inout Exposition) {
        if let fields = statFields() {
            exposition.write("process_cpu_seconds_total", "CPU time used, user and system, in seconds.", .counter) {
                (number(fields, 14) + number(fields, 15)) / ticksPerSecond
            }
            exposition.write("process_threads", "Number of threads.", .gauge) { number(fields, 20) }
            exposition.write("process_virtual_memory_bytes", "Virtual memory in bytes.", .gauge) { number(fields, 23) }
            exposition.write("process_resident_memory_bytes", "Resident memory in bytes.", .gauge) {
                number(fields, 24) * pageSize
            }
            if let boot = bootTime() {
                exposition.write("process_start_time_seconds", "Start of the process, since the epoch.", .gauge) {
                    boot + number(fields, 22) / ticksPerSecond
                }
            }
        }
        if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            exposition.write("process_open_fds", "Number of open file descriptors.", .gauge) {
                Double(descriptors.count)
            }
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            exposition.write("process_max_fds", "Maximum number of open file descriptors.", .gauge) {
                Double(limit.rlim_cur)
            }
        }
    }

    /// The fields from the third on; the program's name before them may hold spaces.
    private static func statFields() -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 24 - 3 ? fields : nil
    }

    /// A field by its number in proc(5), from 3.
    private static func number(_ fields: [Substring], _ index: Int) -> Double { Double(fields[index - 3]) ?? 0 }

    private static func bootTime() -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }
}

extension Exposition {
    fileprivate mutating func write(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ value: () -> Double) {
        begin(name, help, kind)
        sample(name, value())
    }
}
