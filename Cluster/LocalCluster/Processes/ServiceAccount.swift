internal import Foundation
internal import Glibc

/// The account that runs PostgreSQL, which refuses to run as root.
struct ServiceAccount: Sendable {
    /// The account to change to; `nil` when this process is not root and simply stays who it is.
    private let name: String?
    private let user: uid_t
    private let group: gid_t
    private let changer: String

    /// Chooses the account: `postgres` for root, else our own.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_installed` when root has no such account to change to.
    init() throws(LocalClusterError) {
        guard geteuid() == 0 else {
            (name, user, group, changer) = (nil, geteuid(), getegid(), "")
            return
        }
        guard let entry = getpwnam("postgres") else {
            throw LocalClusterError(
                code: "not_installed",
                message: "there is no account postgres to run PostgreSQL (apt-get install postgresql makes it)")
        }
        (name, user, group) = ("postgres", entry.pointee.pw_uid, entry.pointee.pw_gid)
        changer = try Executables.find("setpriv", package: "util-linux")
    }

    /// The same program run by this account. setpriv(1) replaces itself by the program, so that the process that was
    /// started is the program itself and no shell stands between.
    func running(_ program: Program) -> Program {
        guard let name else { return program }
        var changed = program
        var words = [program.executable] + program.arguments
        // A preloaded library is for the program: under the first account, libfaketime would leave a semaphore of that
        // process id which the second may not open.
        if let preloaded = changed.environment.removeValue(forKey: "LD_PRELOAD") {
            words = ["/usr/bin/env", "LD_PRELOAD=\(preloaded)"] + words
        }
        changed.executable = changer
        changed.arguments = ["--reuid", name, "--regid", name, "--init-groups", "--"] + words
        changed.environment["HOME"] = "/nonexistent"
        return changed
    }

    /// Gives a file or directory to this account.
    func own(_ path: String) throws(LocalClusterError) {
        guard name != nil, chown(path, user, group) != 0 else { return }
        throw LocalClusterError(
            code: "not_permitted",
            message: "\(path) could not be given to postgres: \(String(cString: strerror(errno)))")
    }

    /// Whether this account can enter `directory`, all the way from the root.
    func canEnter(_ directory: String) async -> Bool {
        guard name != nil else { return true }
        return (try? await running(Program("/usr/bin/test", ["-x", directory])).run()) != nil
    }
}
