internal import Foundation
internal import Glibc
package import RuntimePorts

extension ProcessUsage {
    /// What this process uses now, from getrusage(2) and `/proc/self/statm` (proc(5)); what cannot be read is 0.
    package static func current() -> ProcessUsage {
        var usage = rusage()
        var processor: Int64 = 0
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            processor = [usage.ru_utime, usage.ru_stime].reduce(0) {
                $0 + Int64($1.tv_sec) * 1_000_000 + Int64($1.tv_usec)
            }
        }
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        let pages = fields.count > 1 ? Int64(fields[1]) ?? 0 : 0
        return ProcessUsage(
            processorMicroseconds: processor, residentBytes: pages * Int64(sysconf(Int32(_SC_PAGESIZE))))
    }
}
